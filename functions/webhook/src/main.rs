//! The webhook function on Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let app = webhook::App::from_env().await?;
    lambda_http::run(webhook::router(app)).await
}
