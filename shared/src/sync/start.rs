//! How a function comes by its engine.

use super::Engine;
use crate::{bigcommerce::Api, clock::Clock, env, store::Tables};

impl Engine {
    /// The engine on the tables and the BigCommerce that the environment names
    /// (`BIGCOMMERCE_API`; see [`Tables::from_env`]), on the machine's clock.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<Engine, env::Error> {
        let clock = Clock::system();
        let tables = Tables::from_env().await?;
        let (name, looks_like) = ("BIGCOMMERCE_API", "https://api.bigcommerce.com");
        let api = Api::new(&env::address(name, looks_like)?, clock.clone());
        let api = api.map_err(|_| env::Error::Bad { name, looks_like })?;
        Ok(Engine::new(tables, api, clock))
    }
}
