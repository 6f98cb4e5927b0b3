//! The command line: what may be asked for, and what is told.

mod bar;
mod import;

use std::{
    error::Error,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use local::stack::{Options, Stack, Time};
use serde_json::{Value, json};
use shared::{application::Application, secret::Secret};
use tracing_subscriber::EnvFilter;

/// The application as which the store is connected.
const APPLICATION: &str = "main-store";
const NAME: &str = "Main store";

/// Clientele on one machine: a directory of users and a simulated BigCommerce store, kept the same.
#[derive(Debug, clap::Parser)]
#[command(name = "clientele")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Keep no data: begin anew each time
    #[arg(long, global = true, conflicts_with = "data_dir")]
    memory: bool,
    /// The API's port; the store and the mailbox have the two after it [default: free ones]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// How many made-up customers a new store has
    #[arg(long, global = true, value_name = "N", default_value_t = 200)]
    customers: u32,
    /// Print the addresses and credentials as one line of JSON first
    #[arg(long)]
    json: bool,
    /// Where the data is kept
    #[arg(long, global = true, value_name = "DIRECTORY", default_value = ".clientele")]
    data_dir: PathBuf,
}

/// What is done other than running the stack until Ctrl-C.
#[derive(Debug, clap::Subcommand)]
enum Command {
    Import(import::Import),
}

/// Lets every event be one line on the standard error; `RUST_LOG` chooses others.
pub(crate) fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new("warn,dynoxide=error,local=info,webhook=info,sync=info,shared=info")
    });
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}

/// Tells why it failed, down to the first cause.
pub(crate) fn failed(error: &(dyn Error + 'static)) -> ExitCode {
    let mut told = format!("clientele cannot run: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(&format!(": {error}"));
        cause = error.source();
    }
    // With the standard error closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{told}");
    ExitCode::FAILURE
}

/// Does what is asked for; by itself, it runs the stack.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    match &arguments.command {
        Some(Command::Import(asked)) => import::import(&arguments, asked).await,
        None => serve(arguments).await.map(|()| ExitCode::SUCCESS),
    }
}

fn start(arguments: &Arguments) -> Options {
    Options {
        data: (!arguments.memory).then(|| arguments.data_dir.clone()),
        time: Time::Machine,
        port: arguments.port,
        customers: arguments.customers,
        ..Options::default()
    }
}

/// Starts the stack, connects the store and waits for Ctrl-C.
async fn serve(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let stack = Stack::start(start(&arguments)).await?;
    let token = stack.token().await?;
    let application = stack.connect(APPLICATION.parse()?, NAME).await?;
    let sign_in = stack.sign_in_link().await?;
    let addresses = addresses(&stack, &application, &token, &sign_in);
    if arguments.json {
        writeln!(io::stdout(), "{addresses}")?;
    }
    welcome(&addresses, &arguments)?;
    tokio::select! {
        stopped = stop() => stopped?,
        running = work(&stack) => running?,
    }
    stack.save().await?;
    writeln!(io::stdout(), "Stopped.")?;
    Ok(())
}

/// Tells how the directory fills, then saves from time to time.
async fn work(stack: &Stack) -> Result<(), Box<dyn Error>> {
    progress(stack).await?;
    loop {
        stack.clock().sleep(Duration::from_secs(10)).await;
        stack.save().await?;
    }
}

async fn progress(stack: &Stack) -> Result<(), Box<dyn Error>> {
    loop {
        let (users, left) = (stack.tables().count_users().await?, stack.left().len());
        let customers = stack.store().count();
        if left == 0 {
            writeln!(
                io::stdout(),
                "In step: {customers} customers at the store, {users} users in the directory."
            )?;
            return Ok(());
        }
        writeln!(io::stdout(), "{users} users of {customers} customers, {left} to look at")?;
        stack.clock().sleep(Duration::from_secs(1)).await;
    }
}

fn addresses(stack: &Stack, application: &Application, token: &Secret, sign_in: &str) -> Value {
    let account = stack.store().account();
    json!({
        "api": stack.api(),
        "admin": { "url": format!("{}/admin", stack.api()), "sign_in": sign_in },
        "scim": { "url": format!("{}/scim/v2", stack.api()), "token": token.expose() },
        "store": {
            "url": format!("{}/stores/{}", stack.store().url(), account.store_hash),
            "hash": account.store_hash,
            "access_token": account.access_token.expose(),
            "client_id": account.client_id,
            "client_secret": account.client_secret.expose(),
            "page": stack.store().url(),
        },
        "mailbox": format!("{}/mailbox", stack.mailbox().url()),
        "application": application.id,
        "webhook": {
            "url": format!("{}/webhooks/{}", stack.api(), application.id),
            "app_secret": application.webhook.app_secret.expose(),
        },
    })
}

fn welcome(addresses: &Value, arguments: &Arguments) -> io::Result<()> {
    let text =
        |pointer: &str| addresses.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = match arguments.memory {
        true => "kept nowhere (--memory)".to_owned(),
        false => arguments.data_dir.display().to_string(),
    };
    writeln!(
        io::stdout(),
        "\nClientele runs here. The store is connected as {APPLICATION}; what changes there changes here.\n\n\
         \x20 Console    {console}\n\
         \x20 Directory  {scim}/Users\n\
         \x20 Token      {token}\n\
         \x20 Store      {store}\n\
         \x20 Mailbox    {mailbox}\n\
         \x20 Data       {data}\n\n\
         Read the directory:  curl -H 'Authorization: Bearer {token}' {scim}/Users?count=1\n\
         Ctrl-C stops it.\n",
        console = text("/admin/sign_in"),
        scim = text("/scim/url"),
        token = text("/scim/token"),
        store = text("/store/page"),
        mailbox = text("/mailbox"),
    )
}

#[cfg(unix)]
async fn stop() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
