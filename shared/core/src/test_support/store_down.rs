//! A store that is down.

use async_trait::async_trait;
use hunter_contracts::TenantId;

use super::methods::named::*;
use super::suites;
use crate::store::{OfTenant, StoreError, StoreResult, TenantStore};

/// Answers everything with [`StoreError::Unavailable`]: for a recipe that must not touch the store,
/// or meets one that is away.
pub struct StoreDown(TenantId);

impl Default for StoreDown {
    fn default() -> Self {
        Self(suites::tenant())
    }
}

impl OfTenant for StoreDown {
    fn tenant(&self) -> &TenantId {
        &self.0
    }
}

impl TenantStore for StoreDown {}

macro_rules! down {
    ($port:ident $(
        $kind:ident $name:ident($($argument:ident: $type:ty),*) -> $answer:ty
            $(, about $about:expr)?;
    )*) => {
        #[async_trait]
        impl $port for StoreDown {
            $(async fn $name(&self, $(_: $type),*) -> StoreResult<$answer> {
                Err(StoreError::unavailable("it is down in this test"))
            })*
        }
    };
}

crate::each_store_method!(down);
