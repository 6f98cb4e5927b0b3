//! Runs `activation-mail` in Lambda: what sends mails.

use activation::mail::{App, Wake, handle};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let app = App::from_env().await?;
    run(service_fn(async |event: LambdaEvent<Wake>| {
        let deadline = Timestamp::try_from(event.context.deadline())?;
        handle(&app, event.payload, deadline).await.map_err(Error::from)
    }))
    .await
}
