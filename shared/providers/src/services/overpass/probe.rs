//! The cheapest question: the server's status, which takes none of its slots.

use hunter_contracts::RecipeFailure;

use super::Overpass;
use crate::client::Call;

impl Overpass {
    /// Asks for the status; answers what it says of slots.
    ///
    /// # Errors
    /// As the server refuses.
    pub(crate) async fn probe(&self) -> Result<String, RecipeFailure> {
        let call = Call::get("status", "/api/status");
        let answer = self.client.call(&self.caller, &call).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let about_slots = |line: &&str| line.contains("slot") || line.starts_with("Rate limit");
        let said: Vec<&str> = text.lines().map(str::trim).filter(about_slots).collect();
        Ok(match said.is_empty() {
            true => "it answers".to_owned(),
            false => said.join("; ").chars().take(200).collect(),
        })
    }
}
