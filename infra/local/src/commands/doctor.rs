//! `hunter doctor`.

use std::{path::Path, sync::Arc};

use hunter_cloud::{
    LocalCloud,
    spec::{OutsideSpec, ServiceMode, SiteMode},
    wiring::{Services, start},
};
use hunter_contracts::{Rates, RecipeFailure, TenantId};
use hunter_core::ports::{Clock, SystemClock};
use hunter_providers::models::ConfiguredModels;

use crate::{
    args::{DoctorArgs, SANDBOX},
    doctor::{Diagnosis, Doctor, Probe, environment},
    exit::Exit,
    report::{doctor_text, note, print, print_json},
};

/// Looks, and asks the services where that is wanted. The directory need not be free or there.
///
/// # Errors
/// When keys or the list of models cannot be read.
pub(super) async fn run(
    directory: &Path,
    args: &DoctorArgs,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    let with_sandbox = args.source.as_deref() == Some(SANDBOX);
    let mode = match with_sandbox {
        true => ServiceMode::Sandbox,
        false => ServiceMode::Live,
    };
    let spec = OutsideSpec {
        with_sandbox,
        sites: match with_sandbox {
            true => SiteMode::Sandbox,
            false => SiteMode::Off,
        },
        contacts: mode,
        models: mode,
        models_file: args.models.clone(),
        sandbox: args.sandbox.spec(),
        ..OutsideSpec::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sandbox = match with_sandbox {
        true => Some(start(&spec.sandbox, clock.now()).await?),
        false => None,
    };
    let services = Services::new(directory, &environment(), &spec, sandbox.as_ref(), clock)?;
    let diagnosis = diagnose(directory, &services, spec.sites, args.live, json).await;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    let diagnosis = diagnosis?;
    if json {
        print_json(&diagnosis);
    } else {
        print(&doctor_text(&diagnosis));
    }
    Ok(match diagnosis.is_well() {
        true => Exit::Success,
        false => Exit::Failed,
    })
}

async fn diagnose(
    directory: &Path,
    services: &Services,
    sites: SiteMode,
    live: bool,
    json: bool,
) -> Result<Diagnosis, RecipeFailure> {
    let file = services.settings.models_file.as_deref();
    let models = ConfiguredModels::new(
        services.providers().models_config(file)?,
        Arc::new(services.secrets.clone()),
        services.shared.clone(),
    )?;
    let tenant: TenantId = LocalCloud::local_tenant();
    let doctor = Doctor {
        directory,
        tenant,
        services,
        models: Arc::new(models),
        sites,
        rates: Rates::published()?.at(SystemClock.now())?.clone(),
    };
    let mut diagnosis = doctor.look().await?;
    if live {
        let told = |probe: &Probe| {
            if !json {
                note(&format!("{}: {}", probe.name, probe.answer));
            }
        };
        diagnosis.probes = doctor.ask(&told).await?;
    }
    Ok(diagnosis)
}
