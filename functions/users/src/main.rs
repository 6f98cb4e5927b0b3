//! Runs `users` in Lambda.

use lambda_http::{Error, run, tracing};
use users::{App, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(router(App::from_env().await?)).await
}
