//! The real store, with faults at chosen effects.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use hunter_contracts::TenantId;
use hunter_core::{
    store::{OfTenant, Store, StoreError, StoreResult, TenantStore},
    test_support::methods::named::*,
};
use tokio::sync::Notify;

/// A call that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Counted from 1 over the whole store.
    pub number: u64,
    /// The store's method, as in `put_pack`.
    pub operation: &'static str,
    /// What it is about, as in `intelligence/c0001`; may be empty.
    pub about: String,
}

/// What goes wrong at an effect.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The function crashes before it is written.
    CrashBefore,
    /// The function crashes after it was written.
    CrashAfter,
    /// The store refuses; nothing is written.
    Refuse(StoreError),
    /// It is written, but the answer is lost.
    LoseAnswer(StoreError),
    /// It is written by two callers at once.
    Twice,
    /// It is written, whoever waits for it is told, and the step hangs until it is ended from
    /// outside.
    Tell(Arc<Notify>),
}

type Decide = Box<dyn Fn(&Effect) -> Option<Fault> + Send + Sync>;

/// Decides about every effect, and remembers them.
pub struct Script {
    seen: AtomicU64,
    effects: Mutex<Vec<Effect>>,
    decide: Decide,
}

impl Script {
    /// Decides by a rule.
    pub fn new(decide: impl Fn(&Effect) -> Option<Fault> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            seen: AtomicU64::new(0),
            effects: Mutex::default(),
            decide: Box::new(decide),
        })
    }

    /// Nothing goes wrong: counts only.
    #[must_use]
    pub fn none() -> Arc<Self> {
        Self::new(|_| None)
    }

    /// One fault, at one effect.
    #[must_use]
    pub fn once(number: u64, fault: Fault) -> Arc<Self> {
        Self::new(move |effect| (effect.number == number).then(|| fault.clone()))
    }

    /// The effects so far.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.effects.lock().unwrap().clone()
    }

    fn next(&self, operation: &'static str, about: String) -> Option<Fault> {
        let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        let effect = Effect {
            number,
            operation,
            about,
        };
        let fault = (self.decide)(&effect);
        self.effects.lock().unwrap().push(effect);
        fault
    }
}

/// A crash: ends the function's task, without the noise of a panic that nobody expected.
fn crash() -> ! {
    std::panic::resume_unwind(Box::new("simulated crash"))
}

/// A store that does what its script says.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    script: Arc<Script>,
}

impl FaultyStore {
    /// Over a real store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, script: Arc<Script>) -> Arc<Self> {
        Arc::new(Self { inner, script })
    }
}

impl Store for FaultyStore {
    fn tenant(&self, tenant: &TenantId) -> Arc<dyn TenantStore> {
        Arc::new(FaultyTenant {
            inner: self.inner.tenant(tenant),
            script: self.script.clone(),
        })
    }
}

struct FaultyTenant {
    inner: Arc<dyn TenantStore>,
    script: Arc<Script>,
}

impl FaultyTenant {
    async fn effect<T, W>(
        &self,
        operation: &'static str,
        about: impl ToString,
        work: impl Fn() -> W,
    ) -> StoreResult<T>
    where
        W: Future<Output = StoreResult<T>>,
    {
        match self.script.next(operation, about.to_string()) {
            None => work().await,
            Some(Fault::CrashBefore) => crash(),
            Some(Fault::CrashAfter) => {
                let _ = work().await;
                crash()
            }
            Some(Fault::Refuse(error)) => Err(error),
            Some(Fault::LoseAnswer(error)) => {
                work().await?;
                Err(error)
            }
            Some(Fault::Twice) => {
                let (first, second) = tokio::join!(work(), work());
                second?;
                first
            }
            Some(Fault::Tell(waiting)) => {
                let _ = work().await;
                waiting.notify_one();
                // The step is held here until whoever was told has ended it.
                std::future::pending().await
            }
        }
    }
}

impl OfTenant for FaultyTenant {
    fn tenant(&self) -> &TenantId {
        self.inner.tenant()
    }
}

impl TenantStore for FaultyTenant {}

/// Reads go through; a write is an effect.
macro_rules! faulty {
    ($port:ident $(
        $kind:ident $name:ident($($argument:ident: $type:ty),*) -> $answer:ty
            $(, about $about:expr)?;
    )*) => {
        #[async_trait]
        impl $port for FaultyTenant {
            $(async fn $name(&self, $($argument: $type),*) -> StoreResult<$answer> {
                faulty!(@$kind self.$name($($argument),*) $(, $about)?)
            })*
        }
    };
    (@read $store:ident.$name:ident($($argument:ident),*)) => {
        $store.inner.$name($($argument),*).await
    };
    (@write $store:ident.$name:ident($($argument:ident),*), $about:expr) => {
        $store
            .effect(stringify!($name), $about, || $store.inner.$name($($argument),*))
            .await
    };
}

hunter_core::each_store_method!(faulty);
