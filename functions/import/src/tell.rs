//! What a person reads of an import.

use jiff::Timestamp;
use shared::{
    application::Application,
    import::{Progress, Run},
    report::{Attention, AttentionKind},
};

/// What is asked where so many customers are gone that a run was stopped.
pub(crate) fn braked(
    application: &Application,
    now: Timestamp,
    (gone, known, noted): (u64, u64, u64),
) -> Attention {
    let name = &application.name;
    let users = match noted {
        0 => "None of their users was deleted.".to_owned(),
        _ => {
            format!("The first {noted} were taken for deleted before that; the users of the others were not.")
        }
    };
    Attention {
        about: application.id.to_string(),
        kind: AttentionKind::Deletions,
        application: application.id.clone(),
        since: now,
        detail: format!(
            "{gone} of {known} customers that are users here are gone from the store {name}, which is more than the \
             deletion brake lets pass. {users} If the store is right, open the import and let its deletions pass; if not, \
             mend the store and resume it, or cancel it."
        ),
        waiting: Vec::new(),
    }
}

/// Why a run stopped at a store that refuses the credentials.
pub(crate) fn refused(application: &Application) -> String {
    format!(
        "The store {} refuses the access token. Connect it again with a new API account, then resume the import.",
        application.name
    )
}

/// A line of the log for a run that has ended.
pub(crate) fn log(run: &Run) {
    let progress = Progress::of(run);
    tracing::info!(
        run.id = %run.id, run.state = ?run.state, run.kind = ?run.kind, run.effect = ?run.effect,
        import.done = progress.done, import.pages = run.pages, import.changed = run.counts.changed(),
        import.worked.ms = run.worked_ms, "import ended"
    );
}
