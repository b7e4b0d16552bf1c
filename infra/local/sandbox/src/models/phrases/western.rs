//! German, French and Spanish.

use super::Phrases;

pub(super) static GERMAN: Phrases = Phrases {
    language: "de",
    greetings: [
        &["Guten Tag {name},", "Hallo {name},"],
        &["Guten Tag {name},", "Hallo Team von {name},"],
    ],
    facts: &[
        (
            "blog_post",
            true,
            &[
                "Ihren Beitrag “{q}” vom {date} habe ich gelesen.",
                "Am {date} haben Sie “{q}” geschrieben.",
                "Ihr Beitrag “{q}” vom {date} hat mich neugierig gemacht.",
            ],
        ),
        (
            "blog_post",
            false,
            &[
                "Ihren Beitrag “{q}” habe ich gelesen.",
                "Ihr Beitrag “{q}” hat mich neugierig gemacht.",
            ],
        ),
        ("announcement", true, &["Am {date} stand bei Ihnen “{q}”."]),
        (
            "announcement",
            false,
            &["Auf Ihrer Seite steht “{q}”.", "Bei Ihnen steht “{q}”."],
        ),
        ("hiring", false, &["Sie suchen Verstärkung: “{q}”."]),
        (
            "about_sentence",
            false,
            &[
                "Auf Ihrer Seite las ich “{q}”.",
                "Sie sagen von sich: “{q}”.",
            ],
        ),
        (
            "service",
            false,
            &["Sie bieten “{q}” an.", "Auf Ihrer Seite nennen Sie “{q}”."],
        ),
        ("speciality", false, &["In Ihrem Eintrag steht “{q}”."]),
        (
            "rating",
            false,
            &["Ihre {stars} Sterne aus {reviews} Bewertungen sind mir aufgefallen."],
        ),
        ("technology", false, &["Ihre Seite läuft mit {v}."]),
        ("founded", false, &["Seit {v} gibt es Ihren Betrieb."]),
        (
            "last_updated",
            true,
            &["Ihre Seite wurde zuletzt am {date} geändert."],
        ),
        (
            "opening_hours",
            false,
            &["Als Öffnungszeiten steht bei Ihnen “{q}”."],
        ),
        ("category", false, &["Sie sind als “{q}” eingetragen."]),
        ("locality", false, &["Ihr Betrieb liegt in {v}."]),
    ],
    subjects: &["Zu “{q}”", "“{q}”", "Eine Frage zu “{q}”"],
    sign_offs: &["Mit freundlichen Grüßen", "Viele Grüße"],
    months: &[
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: "{d}. {m} {y}",
};

pub(super) static FRENCH: Phrases = Phrases {
    language: "fr",
    greetings: [
        &["Bonjour {name},"],
        &["Bonjour à l’équipe de {name},", "Bonjour {name},"],
    ],
    facts: &[
        (
            "blog_post",
            true,
            &[
                "J’ai lu votre article “{q}” du {date}.",
                "Votre article “{q}” du {date} m’a intéressé.",
            ],
        ),
        (
            "blog_post",
            false,
            &[
                "J’ai lu votre article “{q}”.",
                "Votre article “{q}” m’a intéressé.",
            ],
        ),
        (
            "announcement",
            true,
            &["Le {date}, vous avez annoncé “{q}”."],
        ),
        (
            "announcement",
            false,
            &["Votre site annonce “{q}”.", "J’ai vu “{q}” sur votre site."],
        ),
        ("hiring", false, &["Vous recrutez : “{q}”."]),
        (
            "about_sentence",
            false,
            &[
                "Sur votre site, j’ai lu “{q}”.",
                "Vous dites de vous : “{q}”.",
            ],
        ),
        (
            "service",
            false,
            &["Vous proposez “{q}”.", "Votre site mentionne “{q}”."],
        ),
        ("speciality", false, &["Votre fiche mentionne “{q}”."]),
        (
            "rating",
            false,
            &["J’ai vu vos {stars} étoiles pour {reviews} avis."],
        ),
        ("technology", false, &["Votre site utilise {v}."]),
        ("founded", false, &["Vous existez depuis {v}."]),
        (
            "last_updated",
            true,
            &["Votre site a été mis à jour le {date}."],
        ),
        ("opening_hours", false, &["Vos horaires indiquent “{q}”."]),
        ("category", false, &["Vous figurez comme “{q}”."]),
        ("locality", false, &["Vous êtes à {v}."]),
    ],
    subjects: &["À propos de “{q}”", "“{q}”", "Une question sur “{q}”"],
    sign_offs: &["Cordialement,", "Bien à vous,"],
    months: &[
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    date: "{d} {m} {y}",
};

pub(super) static SPANISH: Phrases = Phrases {
    language: "es",
    greetings: [
        &["Hola, {name}:", "Buenos días, {name}:"],
        &["Hola, equipo de {name}:", "Hola, {name}:"],
    ],
    facts: &[
        (
            "blog_post",
            true,
            &[
                "He leído su artículo “{q}” del {date}.",
                "Su artículo “{q}” del {date} me llamó la atención.",
            ],
        ),
        (
            "blog_post",
            false,
            &[
                "He leído su artículo “{q}”.",
                "Su artículo “{q}” me llamó la atención.",
            ],
        ),
        ("announcement", true, &["El {date} anunciaron “{q}”."]),
        (
            "announcement",
            false,
            &["Su sitio dice “{q}”.", "He visto “{q}” en su sitio."],
        ),
        ("hiring", false, &["Buscan personal: “{q}”."]),
        (
            "about_sentence",
            false,
            &["En su sitio he leído “{q}”.", "Dicen de ustedes: “{q}”."],
        ),
        (
            "service",
            false,
            &["Ustedes ofrecen “{q}”.", "Su sitio menciona “{q}”."],
        ),
        ("speciality", false, &["Su ficha menciona “{q}”."]),
        (
            "rating",
            false,
            &["He visto sus {stars} estrellas de {reviews} reseñas."],
        ),
        ("technology", false, &["Su sitio funciona con {v}."]),
        ("founded", false, &["Trabajan desde {v}."]),
        ("last_updated", true, &["Su sitio se actualizó el {date}."]),
        ("opening_hours", false, &["Su horario es “{q}”."]),
        ("category", false, &["Figuran como “{q}”."]),
        ("locality", false, &["Están en {v}."]),
    ],
    subjects: &["Sobre “{q}”", "“{q}”", "Una pregunta sobre “{q}”"],
    sign_offs: &["Un saludo,", "Saludos cordiales,"],
    months: &[
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    date: "{d} de {m} de {y}",
};
