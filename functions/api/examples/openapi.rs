//! Writes `docs/api/openapi.json`.

use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let document = serde_json::to_string_pretty(&api::openapi::document()?)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/openapi.json");
    Ok(fs::write(path, document + "\n")?)
}
