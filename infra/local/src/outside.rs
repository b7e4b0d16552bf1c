//! What runs talk to, out of the command line.

use std::path::PathBuf;

use hunter_cloud::spec::{OutsideSpec, Recording, ServiceMode, SiteMode};
use hunter_contracts::RecipeFailure;

use crate::args::{OutsideArgs, RecordArgs, SANDBOX};

/// What a command line makes a run talk to; `live` turns on what it does not name.
///
/// # Errors
/// `INVALID_INPUT` for a mode that there is not, or a file that is none.
pub(crate) fn outside_spec(
    source: Option<&str>,
    live: bool,
    args: &OutsideArgs,
    recording: &RecordArgs,
) -> Result<OutsideSpec, RecipeFailure> {
    let from_sandbox = source == Some(SANDBOX);
    let usual = match (live, from_sandbox) {
        (true, _) => ServiceMode::Live,
        (false, true) => ServiceMode::Sandbox,
        (false, false) => ServiceMode::Off,
    };
    let sites = match args.sites.as_deref() {
        None => match usual {
            ServiceMode::Live => SiteMode::Live,
            ServiceMode::Sandbox => SiteMode::Sandbox,
            ServiceMode::Off => SiteMode::Off,
        },
        Some(text) => site_mode(text)?,
    };
    let contacts = args.contacts.as_deref().map(contact_mode).transpose()?;
    let contacts = contacts.unwrap_or(usual);
    let (models, models_file) = match args.models.as_deref() {
        None => (usual, None),
        Some(text) => model_mode(text, from_sandbox && !live)?,
    };
    let addresses = [
        ("google_places", &args.places_url),
        ("overpass", &args.overpass_url),
    ];
    let addresses = addresses
        .into_iter()
        .filter_map(|(name, url)| Some((name.to_owned(), url.as_ref()?.to_string())));
    Ok(OutsideSpec {
        with_sandbox: from_sandbox
            || sites == SiteMode::Sandbox
            || contacts == ServiceMode::Sandbox
            || models == ServiceMode::Sandbox,
        sites,
        contacts,
        models,
        models_file,
        addresses: addresses.collect(),
        recording: recorded(recording)?,
        concurrency: args.concurrency,
        sandbox: args.sandbox.spec(),
    })
}

fn invalid<T>(problem: String) -> Result<T, RecipeFailure> {
    Err(RecipeFailure::invalid_input(problem))
}

fn recorded(args: &RecordArgs) -> Result<Option<Recording>, RecipeFailure> {
    match (&args.record, &args.replay) {
        (Some(folder), _) => Ok(Some(Recording::Record(folder.clone()))),
        (None, Some(folder)) if folder.is_dir() => Ok(Some(Recording::Replay(folder.clone()))),
        (None, Some(folder)) => invalid(format!(
            "`--replay {}` is no folder: `--record` makes one",
            folder.display()
        )),
        (None, None) => Ok(None),
    }
}

fn contact_mode(text: &str) -> Result<ServiceMode, RecipeFailure> {
    match mode(text) {
        Some(mode) => Ok(mode),
        None => invalid(format!(
            "`--contacts` is `{text}`: use sandbox, live or off"
        )),
    }
}

fn mode(text: &str) -> Option<ServiceMode> {
    match text {
        SANDBOX => Some(ServiceMode::Sandbox),
        "live" => Some(ServiceMode::Live),
        "off" => Some(ServiceMode::Off),
        _ => None,
    }
}

/// A mode, or a list of models, whose providers are the sandbox's where the run is.
fn model_mode(
    text: &str,
    from_sandbox: bool,
) -> Result<(ServiceMode, Option<PathBuf>), RecipeFailure> {
    if let Some(mode) = mode(text) {
        return Ok((mode, None));
    }
    let path = PathBuf::from(text);
    if !path.is_file() {
        return invalid(format!(
            "`--models` is `{text}`, which is no file: use sandbox, live, off or a `models.toml`"
        ));
    }
    let mode = match from_sandbox {
        true => ServiceMode::Sandbox,
        false => ServiceMode::Live,
    };
    Ok((mode, Some(path)))
}

fn site_mode(text: &str) -> Result<SiteMode, RecipeFailure> {
    match text.split_once(':') {
        None if text == SANDBOX => Ok(SiteMode::Sandbox),
        None if text == "live" => Ok(SiteMode::Live),
        None if text == "off" => Ok(SiteMode::Off),
        Some(("archive", path)) => {
            let path = PathBuf::from(path);
            if !path.is_dir() {
                return invalid(format!(
                    "`--sites archive:{}` is no folder: it holds one folder per host",
                    path.display()
                ));
            }
            Ok(SiteMode::Archive(path))
        }
        Some(("gateway", address)) => match address.parse() {
            Ok(address) => Ok(SiteMode::Gateway(address)),
            Err(_) => invalid(format!(
                "`--sites gateway:{address}` is no address: write 127.0.0.1:8080"
            )),
        },
        _ => invalid(format!(
            "`--sites` is `{text}`: use sandbox, archive:DIR, live or off"
        )),
    }
}
