//! Fits a message to a channel's limits.
//!
//! | Channel | Limit | What is added |
//! |---|---|---|
//! | E-mail | subject 60 characters | sender, postal address, opt-out line |
//! | SMS | 1,600 characters (Twilio) | plain signs for GSM-7, opt-out line, segments noted |
//! | WhatsApp | 4,096 in a session, 1,024 in a template | opt-out line |
//! | Messenger | 2,000 | |
//! | LinkedIn | note of 300 | left out: proof, closing, second fact, offer, as far as needed |

use hunter_contracts::{
    Channel, ErrorCode, Message, RecipeFailure, Role, SUBJECT_CHARS_MAX, Seller,
};
use hunter_core::recipe::{CorrespondenceComponent, Formatted};
use unicode_segmentation::UnicodeSegmentation;

use crate::sms::{segments, to_gsm7};

const SMS_CHARS_MAX: usize = 1_600;
const WHATSAPP_CHARS_MAX: usize = 4_096;
const WHATSAPP_TEMPLATE_CHARS_MAX: usize = 1_024;
const MESSENGER_CHARS_MAX: usize = 2_000;
const LINKEDIN_NOTE_CHARS_MAX: usize = 300;

/// The one formatter: every channel's limits.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChannelFormatter;

impl CorrespondenceComponent for ChannelFormatter {
    fn format(
        &self,
        message: &Message,
        channel: Channel,
        seller: &Seller,
    ) -> Result<Formatted, RecipeFailure> {
        match channel {
            Channel::Email => Ok(email(message, seller)),
            Channel::Sms => sms(message, seller),
            Channel::Whatsapp => whatsapp(message, seller),
            Channel::Facebook => messenger(message, seller),
            Channel::Linkedin => linkedin(message),
        }
    }
}

/// A subject line of at most 60 characters on one line, cut at a word and marked with `…`.
#[must_use]
pub fn subject_line(subject: &str) -> String {
    let words: Vec<String> = subject
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let line = words.join(" ");
    if line.chars().count() <= SUBJECT_CHARS_MAX {
        return line;
    }
    let mut cut = String::new();
    for grapheme in line.graphemes(true) {
        if cut.chars().count() + grapheme.chars().count() > SUBJECT_CHARS_MAX - 1 {
            break;
        }
        cut.push_str(grapheme);
    }
    let at_word = line
        .get(cut.len()..)
        .is_some_and(|rest| rest.starts_with(' '));
    let whole = if at_word {
        None
    } else {
        cut.rsplit_once(' ').map(|(before, _)| before)
    };
    let kept = whole
        .unwrap_or(&cut)
        .trim_end_matches([',', ';', ':', '-', '–', ' ', '…']);
    format!("{kept}…")
}

/// The text with the sender's name, which a short message may have no room for.
fn signed(text: &str, seller: &Seller) -> String {
    let text = text.trim_end();
    let closing = text.rsplit("\n\n").next().unwrap_or_default();
    let signed = text.contains("\n\n") && closing.contains(seller.sender_name.trim());
    if signed || seller.sender_name.trim().is_empty() {
        return text.to_owned();
    }
    format!(
        "{text}\n\n{}\n{}",
        seller.sender_name.trim(),
        seller.company.trim()
    )
}

fn email(message: &Message, seller: &Seller) -> Formatted {
    let mut body = signed(&message.text, seller);
    let mut notes = Vec::new();
    if seller.sender_name.trim().is_empty() {
        notes.push("nobody signs: set `seller.sender_name`".to_owned());
    }
    body.push_str("\n\n--\n");
    match seller
        .postal_address
        .as_deref()
        .map(str::trim)
        .filter(|a| !a.is_empty())
    {
        Some(address) => {
            body.push_str(address);
            body.push('\n');
        }
        None => notes.push(
            "commercial e-mail must carry a postal address: set `seller.postal_address`".to_owned(),
        ),
    }
    body.push_str(
        "If you would rather not hear from me, reply \"unsubscribe\" and I will not write again.",
    );
    Formatted {
        subject: Some(subject_line(&message.subject)),
        body,
        notes,
    }
}

fn fits(body: String, chars_max: usize, name: &str) -> Result<String, RecipeFailure> {
    let chars = body.encode_utf16().count();
    if chars <= chars_max {
        return Ok(body);
    }
    Err(RecipeFailure::new(
        ErrorCode::LimitExceeded,
        format!(
            "the message has {chars} characters and {name} takes {chars_max}: lower `max_length`"
        ),
    ))
}

fn sms(message: &Message, seller: &Seller) -> Result<Formatted, RecipeFailure> {
    let text = to_gsm7(&signed(&message.text, seller)).replace("\n\n", "\n");
    let body = fits(
        format!("{text}\nReply STOP to opt out."),
        SMS_CHARS_MAX,
        "an SMS",
    )?;
    let size = segments(&body);
    let plural = if size.segments == 1 { "" } else { "s" };
    let notes = vec![
        format!("{} SMS segment{plural} ({})", size.segments, size.encoding),
        "sent only with the recorded consent of the recipient".to_owned(),
    ];
    Ok(Formatted {
        subject: None,
        body,
        notes,
    })
}

fn whatsapp(message: &Message, seller: &Seller) -> Result<Formatted, RecipeFailure> {
    let text = signed(&message.text, seller);
    let body = format!("{text}\n\nReply STOP to opt out.");
    let body = fits(body, WHATSAPP_CHARS_MAX, "WhatsApp")?;
    let mut notes =
        vec!["outside the 24-hour window WhatsApp takes approved templates only".to_owned()];
    if body.encode_utf16().count() > WHATSAPP_TEMPLATE_CHARS_MAX {
        notes.push(format!(
            "longer than the {WHATSAPP_TEMPLATE_CHARS_MAX} characters of a template body"
        ));
    }
    Ok(Formatted {
        subject: None,
        body,
        notes,
    })
}

fn messenger(message: &Message, seller: &Seller) -> Result<Formatted, RecipeFailure> {
    let body = fits(
        signed(&message.text, seller),
        MESSENGER_CHARS_MAX,
        "Messenger",
    )?;
    let notes =
        vec!["Messenger delivers only within 24 hours of the recipient's last message".to_owned()];
    Ok(Formatted {
        subject: None,
        body,
        notes,
    })
}

/// How readily a sentence is left out of a LinkedIn note; 0 never.
const fn dispensable(role: Role) -> u8 {
    match role {
        Role::Proof => 5,
        Role::SignOff => 4,
        Role::Second => 3,
        Role::Offer => 2,
        Role::Greeting => 1,
        Role::Opening | Role::Ask => 0,
    }
}

fn linkedin(message: &Message) -> Result<Formatted, RecipeFailure> {
    let claims = message.claims.iter();
    let mut ranked: Vec<(u8, &str)> = claims
        .map(|claim| (dispensable(claim.role), claim.text.as_str()))
        .collect();
    if ranked.is_empty() {
        ranked.push((0, message.text.as_str()));
    }
    let mut notes = vec!["copy the text and open the profile: nothing is sent for you".to_owned()];
    // The note is written on the profile of the sender, so the closing is never needed.
    for limit in (0..=5_u8).rev() {
        let kept: Vec<&str> = ranked
            .iter()
            .filter(|(rank, _)| *rank <= limit)
            .map(|(_, text)| *text)
            .collect();
        let body = kept.join(" ").replace('\n', " ");
        if body.encode_utf16().count() <= LINKEDIN_NOTE_CHARS_MAX {
            if limit < 5 && kept.len() < ranked.len() {
                let left_out = ranked.len() - kept.len();
                notes.push(format!(
                    "{left_out} of {} sentences left out to fit {LINKEDIN_NOTE_CHARS_MAX} characters",
                    ranked.len()
                ));
            }
            return Ok(Formatted {
                subject: None,
                body,
                notes,
            });
        }
    }
    Err(RecipeFailure::new(
        ErrorCode::LimitExceeded,
        format!(
            "even the opening and the ask are longer than a LinkedIn note of \
             {LINKEDIN_NOTE_CHARS_MAX} characters: shorten `seller.ask`"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hunter_contracts::{Claim, ClaimBasis, Score};

    use super::*;

    fn seller() -> Seller {
        Seller {
            company: "BrightChair".into(),
            offer: "help".into(),
            proof_points: Vec::new(),
            ask: "Worth a call?".into(),
            sender_name: "Ana Silva".into(),
            sender_email: None,
            postal_address: Some("Markt 1, 04109 Leipzig".into()),
            offers_by_industry: BTreeMap::new(),
            translations: BTreeMap::new(),
        }
    }

    fn message(text: &str, claims: Vec<Claim>) -> Message {
        Message {
            subject: "Your post “Five myths”".into(),
            text: text.into(),
            language: "en".into(),
            claims,
            checks: Vec::new(),
            quality_score: Score::ONE,
            relevance_score: Score::ONE,
            model_used: "rules-1".into(),
            held_back: None,
        }
    }

    fn claim(role: Role, text: &str) -> Claim {
        Claim {
            role,
            text: text.into(),
            basis: ClaimBasis::NoAssertion,
        }
    }

    fn format(text: &str, channel: Channel) -> Result<Formatted, RecipeFailure> {
        ChannelFormatter.format(&message(text, Vec::new()), channel, &seller())
    }

    #[test]
    fn an_email_carries_sender_address_and_opt_out_once() {
        let signed = format(
            "Hi,\n\nText.\n\nBest,\nAna Silva\nBrightChair",
            Channel::Email,
        )
        .unwrap();
        assert_eq!(signed.body.matches("Ana Silva").count(), 1);
        let bare = format("Hi,\n\nText.", Channel::Email).unwrap();
        assert!(
            bare.body
                .contains("Text.\n\nAna Silva\nBrightChair\n\n--\nMarkt 1, 04109 Leipzig\n")
        );
        assert!(bare.body.contains("unsubscribe"));
        assert!(bare.notes.is_empty());
        let mut homeless = seller();
        homeless.postal_address = None;
        homeless.sender_name = String::new();
        let formatted = ChannelFormatter
            .format(&message("Hi", Vec::new()), Channel::Email, &homeless)
            .unwrap();
        assert!(formatted.notes[0].contains("seller.sender_name"));
        assert!(formatted.notes[1].contains("seller.postal_address"));
    }

    #[test]
    fn subjects_are_cut_at_a_word_and_stay_on_one_line() {
        assert_eq!(subject_line("Short\r\nBcc: x"), "Short Bcc: x");
        let long = subject_line(&"word ".repeat(30));
        assert!(
            long.chars().count() <= 60 && long.ends_with("word…"),
            "{long}"
        );
        // A family emoji is one sign of seven characters; it is never torn.
        let family = "👨‍👩‍👧‍👦".repeat(20);
        let cut = subject_line(&family);
        assert_eq!((cut.chars().count() - 1) % 7, 0);
    }

    #[test]
    fn an_sms_is_plain_and_its_segments_are_noted() {
        let sms = format("Your post “Five myths” – good…", Channel::Sms).unwrap();
        assert!(
            sms.body.starts_with("Your post \"Five myths\" - good..."),
            "{}",
            sms.body
        );
        assert_eq!(sms.notes[0], "1 SMS segment (GSM-7)");
        let sms = format(&"歯".repeat(100), Channel::Sms).unwrap();
        assert_eq!(sms.notes[0], "3 SMS segments (UCS-2)");
        let error = format(&"a".repeat(1_600), Channel::Sms).unwrap_err();
        assert_eq!(error.code, ErrorCode::LimitExceeded);
    }

    #[test]
    fn whatsapp_and_messenger_keep_to_their_limits() {
        let long = format(&"a".repeat(1_500), Channel::Whatsapp).unwrap();
        assert!(long.notes.iter().any(|n| n.contains("1024")));
        assert!(format(&"a".repeat(4_100), Channel::Whatsapp).is_err());
        assert!(format(&"a".repeat(1_900), Channel::Facebook).is_ok());
        assert!(format(&"a".repeat(2_001), Channel::Facebook).is_err());
    }

    #[test]
    fn a_linkedin_note_drops_the_least_needed_sentences_first() {
        let claims = vec![
            claim(Role::Greeting, "Hi Rajesh,"),
            claim(Role::Opening, &format!("Opening {}.", "o".repeat(80))),
            claim(Role::Second, &format!("Second {}.", "s".repeat(80))),
            claim(Role::Offer, "We help dental practices."),
            claim(Role::Proof, &"Proof.".repeat(15)),
            claim(Role::Ask, "Worth a call?"),
            claim(Role::SignOff, "Best,\nAna Silva\nBrightChair"),
        ];
        let note = ChannelFormatter
            .format(&message("whole", claims), Channel::Linkedin, &seller())
            .unwrap();
        assert!(note.body.encode_utf16().count() <= 300);
        assert!(note.body.contains("Second") && note.body.contains("Worth a call?"));
        assert!(!note.body.contains("Proof"));
        assert!(format(&"a".repeat(301), Channel::Linkedin).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_subject_is_too_long_or_breaks_its_line(text in "\\PC{0,200}|[a-z \r\n]{0,200}") {
            let subject = subject_line(&text);
            proptest::prop_assert!(subject.chars().count() <= 60);
            proptest::prop_assert!(!subject.chars().any(char::is_control));
        }

        #[test]
        fn no_text_breaks_the_formatter(text in "\\PC{0,400}", channel in 0_usize..5) {
            let channels = [Channel::Email, Channel::Sms, Channel::Whatsapp, Channel::Facebook,
                Channel::Linkedin];
            if let Ok(formatted) = format(&text, channels[channel]) {
                let max = [usize::MAX, 1_600, 4_096, 2_000, 300][channel];
                proptest::prop_assert!(formatted.body.encode_utf16().count() <= max);
            }
        }
    }

    /// A greeting by name rests on a fact as the opening does, and ends with a colon in Spanish.
    #[test]
    fn a_note_keeps_the_opening_and_lets_the_greeting_go() {
        let opening = format!(
            "Su artículo «{}» me llamó la atención.",
            "dientes ".repeat(20)
        );
        let claims = vec![
            claim(Role::Greeting, "Hola Ana:"),
            claim(Role::Opening, &opening),
            claim(
                Role::Offer,
                &format!("Ayudamos a {}.", "clínicas ".repeat(8)),
            ),
            claim(Role::Ask, "¿Hablamos la próxima semana?"),
        ];
        let note = ChannelFormatter
            .format(&message("", claims), Channel::Linkedin, &seller())
            .unwrap();
        assert!(note.body.contains("me llamó la atención"), "{}", note.body);
        assert!(!note.body.contains("Ayudamos"), "{}", note.body);
    }
}
