//! Runs `activation-page` in Lambda: the page where a person sets a password.

use activation::page::{App, router};
use lambda_http::{Error, run, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(router(App::from_env().await?)).await
}
