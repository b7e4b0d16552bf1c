//! `hunter serve` and `hunter token`.

use std::{path::Path, time::Duration};

use hunter_cloud::{
    LocalCloud,
    serve::{ServeOptions, Server, TokenKey, Whereabouts},
};
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{Clock, SystemClock};
use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    args::{LISTEN, RecordArgs, ServeArgs, TokenArgs},
    called::command,
    exit::Exit,
    outside::outside_spec,
    report::{note, print, print_json},
    signals::asked_to_end,
};

/// Serves until it is asked to end.
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
        let command = command();
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
    asked_to_end().await;
    note(&format!(
        "ending: runs under way go on with the next `{} serve`",
        command()
    ));
    server.stop().await;
    Ok(Exit::Success)
}

/// Prints a token. The directory need not be free: a server may be at work in it.
///
/// # Errors
/// `NOT_FOUND` for a directory that is none; when its key cannot be read.
pub(super) async fn token(
    directory: &Path,
    args: &TokenArgs,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    if args.wait {
        answering(directory).await?;
    }
    if !directory.is_dir() {
        return Err(RecipeFailure::new(
            ErrorCode::NotFound,
            format!(
                "`{}` is no folder: `{} serve` makes it, or name another one with --dir",
                directory.display(),
                command()
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

/// How long a server may take to answer.
const WAIT: Duration = Duration::from_secs(60);

/// Waits until the directory's server takes connections.
async fn answering(directory: &Path) -> Result<(), RecipeFailure> {
    let answers = async || {
        let url = Whereabouts::read(directory)?.url;
        let address = url.strip_prefix("http://")?;
        TcpStream::connect(address).await.ok()
    };
    let wait = async {
        while answers().await.is_none() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(WAIT, wait).await.map_err(|_| {
        RecipeFailure::new(
            ErrorCode::ConnectionError,
            format!(
                "no server of `{}` answers after {} s: `{} serve` starts one",
                directory.display(),
                WAIT.as_secs(),
                command()
            ),
        )
    })
}
