//! What importing takes of the function that does it: the memory at its highest, the units of the tables,
//! the calls of the store. `cargo bench -p tests --bench imports`, and with another number of customers
//! `CLIENTELE_BENCH_CUSTOMERS=1000000 cargo bench -p tests --bench imports`.
//!
//! The function is a process of its own, so that its memory is not that of the engine and the store.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use import::{App, Schedule, Wake, handle};
use jiff::{SignedDuration, Timestamp};
use local::{
    bigcommerce::{Config, Plan},
    stack::{Options, Stack},
};
use shared::{
    application::{Application, ApplicationId},
    csv_import::{PART, Reading, Stage, Upload, guessed, guessed_layout, heading},
    import::{Effect, Job, Run},
    store::Table,
};
use tokio::runtime::{Builder, Runtime};

/// Set in the process that is the function.
const FUNCTION: &str = "CLIENTELE_BENCH_FUNCTION";
const CUSTOMERS: &str = "CLIENTELE_BENCH_CUSTOMERS";

fn main() {
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match env::var_os(FUNCTION) {
        Some(_) => runtime.block_on(function()),
        None => around(&runtime),
    }
}

/// The function: it goes on until there is nothing to do, and says what that took.
async fn function() {
    let mut app = App::from_env().await.expect("the environment");
    app.engine.tables = app.engine.tables.metered();
    let begun = Instant::now();
    while is_under_way(&app).await {
        let deadline = Timestamp::now() + SignedDuration::from_mins(15);
        handle(&app, Wake::Schedule(Schedule::Sweep), deadline).await.expect("a sweep");
    }
    let used = [Table::Users, Table::Work, Table::Jobs, Table::Reports, Table::Settings]
        .map(|table| app.engine.tables.meter().take(table));
    let (read, write) = used.iter().fold((0.0, 0.0), |sum, used| (sum.0 + used.read, sum.1 + used.write));
    let memory = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory =
        memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|text| text.trim().to_owned());
    println!(
        "{:>9.1} s {:>14} {read:>12.0} {write:>12.0}",
        begun.elapsed().as_secs_f64(),
        memory.unwrap_or_default()
    );
}

async fn is_under_way(app: &App) -> bool {
    let tables = &app.engine.tables;
    let applications = tables.applications().await.expect("the tables");
    let ids: Vec<ApplicationId> = applications.into_iter().map(|application| application.id).collect();
    let runs = tables.jobs(&ids).await.expect("the tables").iter().any(|job| job.run.state.is_open());
    runs || !tables.uploads_due().await.expect("the tables").is_empty()
}

/// The store and the tables, and who asks for imports.
fn around(runtime: &Runtime) {
    let most = env::var(CUSTOMERS).ok().and_then(|customers| customers.parse().ok()).unwrap_or(20_000);
    println!("{:<34} {:>11} {:>14} {:>12} {:>12}", "", "wall", "memory", "read units", "write units");
    for rows in [1_000, 100_000] {
        let town = Town::start(runtime);
        town.with_file(rows);
        town.measure(&format!("a file of {rows} rows, checked"));
    }
    for customers in [most / 10, most] {
        let town = Town::start(runtime);
        town.stack.store().seed(customers, 7);
        town.begin();
        town.measure(&format!("{customers} customers, first import"));
        town.begin();
        town.measure(&format!("{customers} customers, nothing changed"));
    }
}

struct Town<'a> {
    runtime: &'a Runtime,
    stack: Stack,
    application: Application,
    folder: PathBuf,
}

impl Town<'_> {
    fn start(runtime: &Runtime) -> Town<'_> {
        let folder = env::temp_dir().join(format!("imports-{}", shared::clock::random_id()));
        let (stack, application) = runtime.block_on(async {
            let store = Config { plan: Plan::UNLIMITED, ..Config::default() };
            let options = Options { data: Some(folder.clone()), store, ..Options::default() };
            let stack = Stack::start(options).await.expect("a stack");
            stack.leave_work();
            let id = "main-store".parse().expect("an identifier");
            let mut application = stack.connect(id, "Main store").await.expect("a store");
            application.policies.survey_every_hours = 0;
            stack.tables().put_application(&application).await.expect("the tables");
            stack.settle().await.expect("a quiet stack");
            (stack, application)
        });
        Town { runtime, stack, application, folder }
    }

    /// Asks for an import of everyone, in place of the one before.
    fn begin(&self) {
        let tables = self.stack.tables();
        let run = Run::full(self.application.id.clone(), Effect::Apply, "a bench", self.stack.clock().now());
        self.runtime.block_on(async {
            let before = tables.job(&self.application.id).await.expect("the tables");
            let job = Job::new(run, before.as_ref());
            assert!(tables.put_job(before.as_ref(), &job).await.expect("the tables").is_some());
        });
    }

    /// Sends a file and asks for it to be checked.
    fn with_file(&self, rows: u32) {
        let mut text = "Email,First name,Last name,Department,address1,city,country_code\n".to_owned();
        for row in 0..rows {
            text += &format!("user-{row}@x.example,Ada,King {row},Engines,{row} Main St,Austin,US\n");
        }
        let (delimiter, headings) = heading(text.as_bytes(), true).expect("a heading");
        let layout = guessed_layout(&headings);
        let columns = guessed(layout, &headings, &[]);
        let tables = self.stack.tables();
        self.runtime.block_on(async {
            let mut upload = Upload::new("bench.csv", text.len() as u64, "a bench", self.stack.clock().now());
            tables.begin_upload(&upload).await.expect("the tables");
            for (part, bytes) in (0..).zip(text.as_bytes().chunks(PART)) {
                tables.put_part(&upload, part, bytes).await.expect("the tables");
            }
            upload.reading = Reading { delimiter, layout, application: None, columns, clears: false };
            let mut upload = upload.walked(Stage::Checking, self.stack.clock().now());
            assert!(tables.put_upload(&mut upload).await.expect("the tables"));
        });
    }

    /// Has the function do what there is to do.
    fn measure(&self, what: &str) {
        let calls = self.stack.store().calls().total();
        let mut function = Command::new(env::current_exe().expect("this program"));
        function.env_clear().env(FUNCTION, "1").envs(self.environment());
        let ended = function.output().expect("the function");
        let told = String::from_utf8_lossy(&ended.stdout).trim_end().to_owned();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let calls = self.stack.store().calls().total() - calls;
        println!("{what:<34} {told} {calls:>9} calls");
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let key = |path: &Path| path.join("vault.key").to_string_lossy().into_owned();
        let tables = ["USERS", "WORK", "JOBS", "REPORTS", "SETTINGS"];
        let names = ["USERS_TABLE", "WORK_TABLE", "JOBS_TABLE", "REPORTS_TABLE", "SETTINGS_TABLE"];
        let named = |name: &str| name[..1].to_owned() + &name[1..].to_lowercase() + "Table";
        names
            .into_iter()
            .zip(tables.map(named))
            .chain([
                ("BIGCOMMERCE_API", self.stack.store().url()),
                ("VAULT_KEY_FILE", key(&self.folder)),
                ("DYNAMODB_ENDPOINT", self.stack.engine().url().to_owned()),
                ("AWS_REGION", "us-east-1".to_owned()),
                ("AWS_ACCESS_KEY_ID", "import".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ])
            .collect()
    }
}

impl Drop for Town<'_> {
    fn drop(&mut self) {
        // The engine has the files open; the system forgets them with the last who has.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
