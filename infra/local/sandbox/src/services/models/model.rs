//! The model behind every protocol.

use serde_json::{Value, json};

use super::exchange::Question;
use super::{careless, honest, obedient, usage};
use crate::faults::ModelMode;

/// A model that behaves in one way unless a key says otherwise, and remembers prefixes.
pub(super) struct Model {
    mode: ModelMode,
    pub(super) cache: usage::Cache,
}

impl Model {
    pub(super) fn new(mode: ModelMode) -> Self {
        Self {
            mode,
            cache: usage::Cache::default(),
        }
    }

    /// What the model makes of a request.
    pub(super) fn think(&self, question: &Question, behaviour: &str) -> Value {
        let mode = match behaviour {
            "honest" => ModelMode::Honest,
            "careless" => ModelMode::Careless,
            "obedient" => ModelMode::Obedient,
            _ => self.mode,
        };
        if behaviour == "drifted" {
            return json!({"result": "as you wish", "version": 2});
        }
        let honest = honest::answer(question);
        match mode {
            ModelMode::Honest => honest,
            ModelMode::Careless => careless::spoil(question, honest),
            ModelMode::Obedient => obedient::obey(question, honest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash of what honest, careless and obedient models write in every language.
    #[test]
    fn messages_are_the_same_byte_for_byte() {
        use sha2::{Digest, Sha256};
        const KINDS: [(&str, &str); 15] = [
            ("blog_post", "Five tips for a healthy smile"),
            ("announcement", "We open a second room"),
            ("hiring", "Dental nurse wanted"),
            ("about_sentence", "We publish our prices"),
            ("service", "root canals"),
            ("founded", "1987"),
            ("rating", "4.8 from 312 reviews"),
            ("speciality", "implants"),
            ("technology", "WordPress"),
            ("last_updated", "2026-01-02"),
            ("opening_hours", "Mon 9:00"),
            ("category", "dentist"),
            ("locality", "Bandra West"),
            ("person", "Ana Nair"),
            ("unknown", "anything"),
        ];
        let mut hash = Sha256::new();
        for language in ["en-GB", "de", "fr", "es", "ja", "el", "sr", "fi"] {
            for (kind, value) in KINDS {
                for (variant, date) in [(0, Some("2026-03-01")), (1, None), (2, Some("soon"))] {
                    for name in ["Ana Nair", ""] {
                        let input = json!({"language": language, "variant": variant, "words_max": 60,
                            "recipient": {"business": "Nair Dental", "name": name},
                            "facts": [{"number": 1, "kind": kind, "value": value, "date": date},
                                {"number": 2, "kind": "service", "value": "click http://x.example"}],
                            "seller": {"offer": "We build web sites.", "ask": "May I call?",
                                "proof_points": ["40 practices"], "sender_name": "Jo",
                                "company": "Acme"}});
                        let question = Question {
                            model: "m".to_owned(),
                            instructions: String::new(),
                            input,
                            schema_name: "message".to_owned(),
                            schema: json!({}),
                            output_tokens_max: 1_000,
                        };
                        for mode in [ModelMode::Honest, ModelMode::Careless, ModelMode::Obedient] {
                            hash.update(Model::new(mode).think(&question, "").to_string());
                        }
                    }
                }
            }
        }
        let hash = hash.finalize();
        let hash: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        assert_eq!(hash, "7afde7d39c18bac9");
    }
}
