//! What the outside services of this machine's customer are: which keys are set, what each recipe
//! will use, what a lead costs, and whether the services answer.

mod estimate;
mod probe;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use hunter_aws::{config::Environment, secrets::secret_variable};
use hunter_cloud::{adapters::LocalSecrets, spec::SiteMode, wiring::Services};
use hunter_contracts::{Purpose, RECIPES, RateCard, RecipeFailure, RecipeId, TenantId};
use hunter_core::{
    ports::{ContactTools, RULES},
    recipe::Caller,
};
use hunter_providers::{Kind, SERVICES, models::ConfiguredModels};
use serde::Serialize;

pub use estimate::{RecipeCost, UseCost};
pub use probe::{Answer, Probe};

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The folder whose `secrets.toml` counts.
    pub directory: String,
    /// The keys that are known.
    pub keys: Vec<Key>,
    /// Services that are reached at another address than their own.
    pub addresses: Vec<Address>,
    /// The list of models that is used, and the day on which it was looked through.
    pub models: ModelList,
    /// What each recipe uses, best first.
    pub recipes: Vec<RecipeUse>,
    /// What a lead costs at list prices.
    pub costs: Vec<RecipeCost>,
    /// What the services answered; only where they were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
}

/// A key that is known.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// The service, as in `hunter_io`.
    pub service: &'static str,
    /// For people.
    pub name: &'static str,
    /// As in `hunter_io_key`.
    pub key: &'static str,
    /// The variable that it can be set with.
    pub variable: String,
    /// Where it is set; absent where it is not.
    pub set_in: Option<String>,
    /// What it is good for.
    pub gives: &'static str,
}

/// Another address.
#[derive(Debug, Clone, Serialize)]
pub struct Address {
    /// The service; `sites` for all web sites.
    pub service: String,
    /// Where it is.
    pub url: String,
}

/// A list of models.
#[derive(Debug, Clone, Serialize)]
pub struct ModelList {
    /// The file; absent for the list that is compiled in.
    pub file: Option<String>,
    /// The day on which it was looked through.
    pub as_of: String,
}

/// What a recipe uses for one thing, best first.
#[derive(Debug, Clone, Serialize)]
pub struct RecipeUse {
    /// The recipe.
    pub recipe: RecipeId,
    /// What for, as in `search`, `contacts`, `writing`.
    pub what: String,
    /// Names, best first.
    pub uses: Vec<String>,
    /// Why, or what else is to be known.
    pub notes: Vec<String>,
}

impl Diagnosis {
    /// Whether every service that was asked has answered.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let mut answers = self.probes.iter().map(|probe| probe.answer);
        answers.all(|answer| !matches!(answer, Answer::Refused | Answer::Unreachable))
    }
}

/// A look at the services of one customer.
pub(crate) struct Doctor<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) tenant: TenantId,
    pub(crate) services: &'a Services,
    pub(crate) models: Arc<ConfiguredModels>,
    pub(crate) sites: SiteMode,
    /// What the customer is charged today.
    pub(crate) rates: RateCard,
}

impl Doctor<'_> {
    /// Looks without calling anybody.
    ///
    /// # Errors
    /// When keys cannot be read or an address is none.
    pub(crate) async fn look(&self) -> Result<Diagnosis, RecipeFailure> {
        let tools = self.tools().await?;
        let sources = self.sources().await?;
        let config = self.models.config();
        let file = self.services.settings.models_file.as_deref();
        Ok(Diagnosis {
            directory: self.directory.display().to_string(),
            keys: keys(&self.services.secrets, &self.tenant)?,
            addresses: self.addresses(),
            models: ModelList {
                file: file.map(|path| path.display().to_string()),
                as_of: config.as_of.to_string(),
            },
            recipes: self.recipes(&sources, &tools).await?,
            costs: self.costs(&sources, &tools).await?,
            probes: Vec::new(),
        })
    }

    fn caller(&self) -> Caller {
        Caller::new(self.tenant.clone())
    }

    async fn tools(&self) -> Result<ContactTools, RecipeFailure> {
        self.services.contacts()?.open(&self.caller()).await
    }

    /// The sources of places and why they can be used, best first.
    async fn sources(&self) -> Result<Vec<(String, String)>, RecipeFailure> {
        let sources = self.services.providers().sources(None)?;
        Ok(sources.available(&self.tenant).await)
    }

    fn addresses(&self) -> Vec<Address> {
        let settings = &self.services.settings;
        let services = settings.addresses.iter().map(|(service, url)| Address {
            service: (*service).to_owned(),
            url: url.clone(),
        });
        let gateway = settings.sites_gateway.map(|address| Address {
            service: "sites".into(),
            url: address.to_string(),
        });
        services.chain(gateway).collect()
    }

    /// The models of a purpose, and the rules engine.
    async fn chain(&self, purpose: Purpose) -> Result<Vec<String>, RecipeFailure> {
        let models = self.models.chain(&self.tenant, purpose).await?;
        let names = models.into_iter().map(|model| model.name.clone());
        Ok(names.chain([RULES.to_owned()]).collect())
    }

    async fn recipes(
        &self,
        sources: &[(String, String)],
        tools: &ContactTools,
    ) -> Result<Vec<RecipeUse>, RecipeFailure> {
        let line = |recipe, what: &str, uses: Vec<String>, notes: Vec<String>| RecipeUse {
            recipe,
            what: what.to_owned(),
            uses,
            notes,
        };
        let names = sources.iter().map(|(name, _)| name.clone()).collect();
        let why = sources.iter().map(|(name, why)| format!("{name}: {why}"));
        let mut contacts = vec!["the lead's own site".to_owned()];
        contacts.extend(tools.sources.iter().map(|source| source.name().to_owned()));
        let mut checks = vec!["syntax".to_owned()];
        checks.extend(
            tools
                .mail_hosts
                .iter()
                .map(|_| "mail hosts (dns)".to_owned()),
        );
        checks.extend(tools.verifier.iter().map(|v| v.name().to_owned()));
        let mut of_services = vec![
            line(RecipeId::Discovery, "search", names, why.collect()),
            line(
                RecipeId::Intelligence,
                "contacts",
                contacts,
                vec![self.site_note()],
            ),
            line(RecipeId::Intelligence, "addresses", checks, Vec::new()),
            line(RecipeId::Outreach, "drafts", vec![RULES.into()], Vec::new()),
        ];
        let mut lines = Vec::new();
        for recipe in &RECIPES {
            lines.extend(of_services.extract_if(.., |line| line.recipe == recipe.id));
            for &purpose in recipe.purposes {
                let uses = self.chain(purpose).await?;
                lines.push(line(recipe.id, purpose.into(), uses, Vec::new()));
            }
        }
        Ok(lines)
    }

    fn site_note(&self) -> String {
        match self.sites {
            SiteMode::Sandbox => "sites are the sandbox's",
            _ => "sites are read with `--sites live` or `--live`",
        }
        .into()
    }

    /// The services that can be asked: those whose key is set, and those that need none.
    pub(crate) async fn ask(
        &self,
        told: &(dyn Fn(&Probe) + Sync),
    ) -> Result<Vec<Probe>, RecipeFailure> {
        let held: BTreeSet<_> = keys(&self.services.secrets, &self.tenant)?
            .into_iter()
            .filter(|key| key.set_in.is_some())
            .map(|key| key.key)
            .collect();
        let has_key = |key: Option<&str>| key.is_none_or(|key| held.contains(key));
        probe::all(self, &has_key, told).await
    }
}

fn keys(secrets: &LocalSecrets, tenant: &TenantId) -> Result<Vec<Key>, RecipeFailure> {
    let known = SERVICES.iter().filter_map(|service| {
        let key = service.key?;
        Some(secrets.place(tenant, key).map(|set_in| Key {
            service: service.id,
            name: service.name,
            key,
            variable: secret_variable(key),
            set_in,
            gives: service.gives,
        }))
    });
    known.collect()
}

/// Whether a key of a contact service or of a model is set.
pub(crate) fn has_keys(directory: &Path, tenant: &TenantId) -> Result<bool, RecipeFailure> {
    let secrets = LocalSecrets::new(directory, environment());
    let of_places = |key: &Key| {
        let service = hunter_providers::service(key.service);
        service.is_some_and(|service| matches!(service.kind, Kind::Places))
    };
    let keys = keys(&secrets, tenant)?;
    let mut others = keys.iter().filter(|key| !of_places(key));
    Ok(others.any(|key| key.set_in.is_some()))
}

/// The environment that keys and addresses are read from.
pub(crate) fn environment() -> Environment {
    Environment::of_process()
}
