//! `hunter serve` and `hunter token`.

use std::path::Path;

use hunter_cloud::{
    LocalCloud,
    serve::{ServeOptions, Server, TokenKey, Whereabouts},
};
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{Clock, SystemClock};
use serde_json::json;

use crate::{
    args::{LISTEN, RecordArgs, ServeArgs, TokenArgs},
    called::command,
    exit::Exit,
    outside::outside_spec,
    report::{note, print, print_json},
};

/// Serves until Ctrl-C.
///
/// # Errors
/// As [`Server::start`].
pub(super) async fn run(
    cloud: &LocalCloud,
    args: &ServeArgs,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    let options = ServeOptions {
        listen: args.listen,
        runs_max: usize::from(args.runs),
        outside: outside_spec(
            args.source.as_deref(),
            args.live,
            &args.outside,
            &RecordArgs::default(),
        )?,
    };
    let server = Server::start(cloud, &options).await?;
    let url = server.url();
    if json {
        print_json(&json!({ "url": url }));
    } else {
        let command = command(&cloud.directory);
        print(&format!(
            "The Hunter answers at {url}; Ctrl-C ends it.\n\n\
             A token, in another terminal:\n    TOKEN=$({command} token)\n\
             A first look:\n    curl -H \"Authorization: Bearer $TOKEN\" {url}/v1/subscription\n\n"
        ));
    }
    if !server.address().ip().is_loopback() {
        note(&format!(
            "warning: others can reach {}: requests and tokens go over the network unencrypted",
            server.address()
        ));
    }
    let interrupted = tokio::signal::ctrl_c().await;
    note("ending: runs under way go on with the next `hunter serve`");
    server.stop().await;
    match interrupted {
        Ok(()) => Ok(Exit::Success),
        Err(error) => Err(RecipeFailure::internal(format!("Ctrl-C: {error}"))),
    }
}

/// Prints a token. The directory need not be free: a server may be at work in it.
///
/// # Errors
/// `NOT_FOUND` for a directory that is none; when its key cannot be read.
pub(super) fn token(directory: &Path, args: &TokenArgs, json: bool) -> Result<Exit, RecipeFailure> {
    if !directory.is_dir() {
        return Err(RecipeFailure::new(
            ErrorCode::NotFound,
            format!(
                "`{}` is no folder: `hunter serve` makes it, or name another one with --dir",
                directory.display()
            ),
        ));
    }
    let issuer = match Whereabouts::read(directory) {
        Some(found) => found.url,
        None => {
            note(&format!(
                "nothing has served here yet: the token is for http://{LISTEN}"
            ));
            format!("http://{LISTEN}")
        }
    };
    let key = TokenKey::open(directory)?;
    let token = key.issue(&issuer, &args.tenant, SystemClock.now(), args.expires)?;
    if json {
        print_json(&json!({
            "token": token,
            "issuer": issuer,
            "tenant_id": args.tenant,
            "expires_in_seconds": args.expires.as_secs(),
        }));
    } else {
        print(&format!("{token}\n"));
    }
    Ok(Exit::Success)
}
