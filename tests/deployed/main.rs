//! The template as it is deployed: `sam deploy` puts the built functions and their resources onto
//! an emulator of AWS, and they do the main job there, against a simulated store. It needs what
//! `sam build` made (its template is named by `CLIENTELE_DEPLOYABLE`) and, in the folder
//! `CLIENTELE_DEPLOY_TOOLS`, the programs `sam` and `ministack`; without them it skips, unless
//! `CLIENTELE_REQUIRE_DEPLOYED` is 1.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod emulator;
mod flows;
mod stack;

use std::path::PathBuf;

use stack::Stack;

/// What the tests need and may not have.
struct Tools {
    /// The folder of the programs.
    programs: PathBuf,
    /// The template that `sam build` wrote, beside the functions.
    template: PathBuf,
}

impl Tools {
    fn find() -> Option<Tools> {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let (programs, template) = (path("CLIENTELE_DEPLOY_TOOLS"), path("CLIENTELE_DEPLOYABLE"));
        let required = std::env::var("CLIENTELE_REQUIRE_DEPLOYED").is_ok_and(|value| value == "1");
        let (Some(programs), Some(template)) = (programs, template) else {
            assert!(!required, "CLIENTELE_DEPLOY_TOOLS and CLIENTELE_DEPLOYABLE must be set");
            eprintln!(
                "skipped: CLIENTELE_DEPLOY_TOOLS and CLIENTELE_DEPLOYABLE are not set (see the README)"
            );
            return None;
        };
        Some(Tools { programs, template })
    }

    fn sam(&self) -> PathBuf {
        self.programs.join("sam")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_template_deploys_and_its_roles_are_enough_and_no_more() {
    let Some(tools) = Tools::find() else { return };
    let stack = Stack::deploy(&tools).await;
    stack.has_all_that_the_template_names().await;
    flows::a_delivery_reaches_the_directory(&stack).await;
    flows::a_user_reaches_the_store(&stack).await;
    flows::a_schedule_fires(&stack).await;
    flows::without_its_right_a_function_is_refused(&stack, &tools).await;
    stack.stop().await;
}
