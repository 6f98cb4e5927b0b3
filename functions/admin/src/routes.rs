//! What is served: each address says which role it takes, so that none is open by an oversight, and
//! tests and documents can walk the list.

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, on},
};
use shared::operator::Role;

use crate::{App, guard};

/// What an address takes of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// An operator or a token of at least this role.
    Role(Role),
}

/// An address that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// By which method.
    pub method: Method,
    /// At which path, with parameters as `{name}`.
    pub path: &'static str,
    /// What it takes.
    pub needs: Needs,
}

/// The addresses of a screen.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<Arc<App>>,
    list: Vec<Route>,
}

impl Routes {
    /// A page or list to look at.
    pub(crate) fn get<H, T>(self, path: &'static str, needs: Role, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.on(Method::GET, MethodFilter::GET, path, Needs::Role(needs), handler)
    }

    /// A change. Whoever has a session must prove that the request is their own.
    pub(crate) fn post<H, T>(self, path: &'static str, needs: Role, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.on(Method::POST, MethodFilter::POST, path, Needs::Role(needs), handler)
    }

    /// What is open to anybody.
    pub(crate) fn open<H, T>(self, method: Method, path: &'static str, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let filter = if method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
        self.on(method, filter, path, Needs::Nothing, handler)
    }

    fn on<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let guarded = on(filter, handler).layer(middleware::from_fn_with_state(needs, guard::admit));
        self.router = self.router.route(path, guarded);
        self.list.push(Route { method, path, needs });
        self
    }

    /// These and the addresses of another screen.
    pub(crate) fn and(mut self, other: Routes) -> Routes {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self
    }

    pub(crate) fn list(&self) -> &[Route] {
        &self.list
    }

    pub(crate) fn into_router(self) -> Router<Arc<App>> {
        self.router
    }
}
