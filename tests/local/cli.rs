//! The command line: what may be asked for, and what is told.

use std::{
    error::Error,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use local::stack::{Options, Stack, Time};
use serde_json::{Value, json};
use shared::application::Application;
use tracing_subscriber::EnvFilter;

/// The application as which the store is connected.
const APPLICATION: &str = "main-store";

/// Clientele on one machine: a directory of users and a simulated BigCommerce store, kept the same.
#[derive(Debug, clap::Parser)]
#[command(name = "clientele")]
pub(crate) struct Arguments {
    /// Keep no data: begin anew each time
    #[arg(long, conflicts_with = "data_dir")]
    memory: bool,
    /// The API's port; the store and the mailbox have the two after it [default: free ones]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// How many made-up customers a new store has
    #[arg(long, value_name = "N", default_value_t = 200)]
    customers: u32,
    /// Print the addresses and credentials as one line of JSON first
    #[arg(long)]
    json: bool,
    /// Where the data is kept
    #[arg(long, value_name = "DIRECTORY", default_value = ".clientele")]
    data_dir: PathBuf,
}

/// Lets every event be one line on the standard error; `RUST_LOG` chooses others.
pub(crate) fn log() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,local=info,webhook=info,sync=info,shared=info"));
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

/// Starts the stack, connects the store and waits for Ctrl-C.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let options = Options {
        data: (!arguments.memory).then(|| arguments.data_dir.clone()),
        time: Time::Machine,
        port: arguments.port,
        customers: arguments.customers,
        ..Options::default()
    };
    let stack = Stack::start(options).await?;
    let known = stack.tables().application(&APPLICATION.parse()?).await?.is_some();
    let application = stack.connect(APPLICATION.parse()?, "Main store").await?;
    if arguments.json {
        writeln!(io::stdout(), "{}", addresses(&stack, &application))?;
    }
    welcome(&stack, &arguments)?;
    tokio::select! {
        stopped = stop() => stopped?,
        running = work(&stack, &application, known) => running?,
    }
    stack.save().await?;
    writeln!(io::stdout(), "Stopped.")?;
    Ok(())
}

/// Has the customers of a store that is new looked at, and saves from time to time.
async fn work(stack: &Stack, application: &Application, known: bool) -> Result<(), Box<dyn Error>> {
    if !known {
        let customers = stack.look_at_all_customers(application).await?;
        progress(stack, customers).await?;
    }
    loop {
        stack.clock().sleep(Duration::from_secs(10)).await;
        stack.save().await?;
    }
}

async fn progress(stack: &Stack, customers: usize) -> io::Result<()> {
    loop {
        let left = stack.left().len();
        writeln!(io::stdout(), "{} of {customers} customers looked at", customers.saturating_sub(left))?;
        if left == 0 {
            return writeln!(
                io::stdout(),
                "The directory has the store's customers. Edit one at {}",
                stack.store().url()
            );
        }
        stack.clock().sleep(Duration::from_secs(1)).await;
    }
}

fn addresses(stack: &Stack, application: &Application) -> Value {
    let account = stack.store().account();
    json!({
        "api": stack.api(),
        // The directory's own door is not there yet.
        "scim": { "url": null, "token": null },
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

fn welcome(stack: &Stack, arguments: &Arguments) -> io::Result<()> {
    let data = if arguments.memory {
        "kept nowhere (--memory)".to_owned()
    } else {
        arguments.data_dir.display().to_string()
    };
    writeln!(
        io::stdout(),
        "\nClientele runs here. The store is connected as {APPLICATION}; what changes there changes here.\n\n\
         \x20 API       {}\n\
         \x20 Store     {}\n\
         \x20 Mailbox   {}/mailbox\n\
         \x20 Data      {data}\n\n\
         Ctrl-C stops it.\n",
        stack.api(),
        stack.store().url(),
        stack.mailbox().url(),
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
