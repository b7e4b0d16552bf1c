//! Addresses that are on a page but not the business's.

use hunter_contracts::EmailAddress;

/// Why an address that was found is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// Not a deliverable address: no known top-level domain, wrong form.
    Malformed,
    /// The name of a file, as in `logo@2x.png`.
    AssetName,
    /// Filler text: `yourname@…`, `…@example.com`.
    Placeholder,
    /// Belongs to the maker of the theme, the shop system or the platform.
    ThemeDemo,
    /// A key of an error tracker or site builder.
    TrackingKey,
    /// The agency that built the site.
    AgencyCredit,
    /// An authority, chamber or provider that legal pages must name.
    ThirdParty,
    /// An automatic sender that nobody reads.
    NoReply,
    /// Of another company's domain, while the site names addresses of its own.
    ForeignDomain,
}

const FILE_ENDS: [&str; 13] = [
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".css", ".js", ".mp4", ".pdf",
    ".woff", ".ico",
];

/// Domains that stand for "your domain here".
const PLACEHOLDER_DOMAINS: [&str; 50] = [
    "example.com",
    "example.org",
    "example.net",
    "example.de",
    "domain.com",
    "domain.tld",
    "domain.de",
    "domaine.fr",
    "dominio.com",
    "yourdomain.com",
    "your-domain.com",
    "yourcompany.com",
    "your-company.com",
    "company.com",
    "yoursite.com",
    "your-site.com",
    "yourwebsite.com",
    "mysite.com",
    "mywebsite.com",
    "website.com",
    "site.com",
    "sitename.com",
    "email.com",
    "mail.com",
    "address.com",
    "test.com",
    "test.de",
    "demo.com",
    "sample.com",
    "business.com",
    "yourbusiness.com",
    "yourmail.com",
    "youremail.com",
    "mycompany.com",
    "musterfirma.de",
    "muster.de",
    "mustermann.de",
    "beispiel.de",
    "ihredomain.de",
    "ihre-domain.de",
    "deine-domain.de",
    "meinedomain.de",
    "ejemplo.com",
    "tudominio.com",
    "exemple.com",
    "exemple.fr",
    "esempio.it",
    "seudominio.com.br",
    "yourstore.com",
    "mystore.com",
];

/// Makers of themes, builders and platforms whose demo content carries their addresses.
const DEMO_DOMAINS: [&str; 50] = [
    "wordpress.com",
    "wordpress.org",
    "elementor.com",
    "themeforest.net",
    "envato.com",
    "qodeinteractive.com",
    "qode.com",
    "select-themes.com",
    "mikado-themes.com",
    "edge-themes.com",
    "elated-themes.com",
    "themenectar.com",
    "theme-fusion.com",
    "themify.me",
    "elegantthemes.com",
    "templatemonster.com",
    "demolink.org",
    "colorlib.com",
    "bootstrapmade.com",
    "html5up.net",
    "w3layouts.com",
    "layerdrops.com",
    "wpbakery.com",
    "muffingroup.com",
    "betheme.com",
    "ancorathemes.com",
    "axiomthemes.com",
    "themerex.net",
    "bold-themes.com",
    "cmsmasters.net",
    "stylemixthemes.com",
    "wpastra.com",
    "brainstormforce.com",
    "woocommerce.com",
    "woothemes.com",
    "squarespace.com",
    "wix.com",
    "wixsite.com",
    "webflow.com",
    "webflow.io",
    "shopify.com",
    "godaddy.com",
    "secureserver.net",
    "jimdo.com",
    "weebly.com",
    "joomla.org",
    "drupal.org",
    "typo3.org",
    "thememove.com",
    "themezaa.com",
];

const TRACKING_PARTS: [&str; 8] = [
    "sentry.",
    "wixpress.com",
    "sentry-next.",
    "ingest.",
    "bugsnag",
    "rollbar",
    "datadog",
    "raygun",
];

/// Names in front of the `@` that are filler on any domain.
const PLACEHOLDER_NAMES: [&str; 34] = [
    "yourname",
    "your-name",
    "your.name",
    "your_name",
    "youremail",
    "your-email",
    "your.email",
    "yourmail",
    "your",
    "you",
    "username",
    "firstname.lastname",
    "first.last",
    "firstname",
    "vorname.nachname",
    "vorname",
    "nachname",
    "fornamn.efternamn",
    "fornavn.etternavn",
    "nome.cognome",
    "nombre.apellido",
    "prenom.nom",
    "voornaam.achternaam",
    "name.surname",
    "max.mustermann",
    "maxmustermann",
    "mustermann",
    "erika.mustermann",
    "ihre-email",
    "ihr-name",
    "ihrname",
    "deine-email",
    "tunombre",
    "tucorreo",
];

/// Names that are filler only where the domain is not the site's own.
const WEAK_PLACEHOLDER_NAMES: [&str; 20] = [
    "name",
    "user",
    "email",
    "e-mail",
    "example",
    "test",
    "demo",
    "sample",
    "someone",
    "somebody",
    "john",
    "john.doe",
    "johndoe",
    "jane.doe",
    "janedoe",
    "jdoe",
    "johnsmith",
    "john.smith",
    "abc",
    "xyz",
];

const NO_REPLY: [&str; 8] = [
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
    "bounce",
    "bounces",
];

/// Whether a text that is no address is the name of a file.
pub(super) fn names_a_file(text: &str) -> bool {
    FILE_ENDS.iter().any(|end| text.contains(end))
}

/// Whether the address itself shows that it is nobody's at this business. `own` says whether its
/// domain is the site's own.
pub(super) fn by_address(address: &EmailAddress, own: bool) -> Option<Rejection> {
    let (local, domain) = (address.local().to_ascii_lowercase(), address.domain());
    if TRACKING_PARTS.iter().any(|p| domain.contains(p)) || is_hash(&local) {
        return Some(Rejection::TrackingKey);
    }
    if NO_REPLY.contains(&local.as_str()) {
        return Some(Rejection::NoReply);
    }
    let filler = local.len() > 1 && local.chars().all(|c| matches!(c, 'x' | '.' | '*'));
    if PLACEHOLDER_NAMES.contains(&local.as_str()) || filler {
        return Some(Rejection::Placeholder);
    }
    if own {
        return None;
    }
    let under = |d: &str| {
        domain
            .strip_suffix(d)
            .is_some_and(|head| head.is_empty() || head.ends_with('.'))
    };
    if PLACEHOLDER_DOMAINS.iter().any(|d| under(d)) || is_reserved(domain) {
        return Some(Rejection::Placeholder);
    }
    if DEMO_DOMAINS.iter().any(|d| under(d)) || domain.contains("theme") {
        return Some(Rejection::ThemeDemo);
    }
    WEAK_PLACEHOLDER_NAMES
        .contains(&local.as_str())
        .then_some(Rejection::Placeholder)
}

/// Top-level names that are set aside for examples (RFC 2606, RFC 6761), and the label `example`.
fn is_reserved(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    matches!(
        last,
        "example" | "test" | "invalid" | "localhost" | "local" | "tld"
    ) || domain.split('.').any(|l| l == "example")
}

/// A key rather than a name: 20 or more hexadecimal digits.
fn is_hash(local: &str) -> bool {
    local.len() >= 20 && local.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Words of a credit to whoever built the site.
const CREDIT_WORDS: [&str; 30] = [
    "website by",
    "web site by",
    "site by",
    "designed by",
    "design by",
    "developed by",
    "created by",
    "built by",
    "powered by",
    "made by",
    "crafted by",
    "web design",
    "webdesign",
    "webagentur",
    "web agency",
    "werbeagentur",
    "umsetzung",
    "realisierung",
    "realisation",
    "réalisation",
    "réalisé par",
    "création du site",
    "conception du site",
    "konzept und design",
    "gestaltung",
    "programmierung",
    "diseño web",
    "desarrollado por",
    "desenvolvido por",
    "realizzazione",
];

/// Words near an authority's or provider's address on legal pages.
const THIRD_PARTY_WORDS: [&str; 34] = [
    "aufsichtsbehörde",
    "aufsichtsbehoerde",
    "kammer",
    "landesbeauftragte",
    "bundesbeauftragte",
    "datenschutzbehörde",
    "schlichtungs",
    "kassenzahnärztliche",
    "kassenärztliche",
    "streitbeilegung",
    "supervisory authority",
    "information commissioner",
    "regulator",
    "regulated by",
    "ombudsman",
    "data protection authority",
    "cnil",
    "garante",
    "agencia española de protección",
    "autorité",
    "hosting",
    "hébergeur",
    "hebergeur",
    "hosted by",
    "provider",
    "hoster",
    "newsletterdienst",
    "google",
    "facebook ireland",
    "meta platforms",
    "bildnachweis",
    "photo credit",
    "versicherung",
    "anbieter",
];

pub(super) fn has_credit_words(text: &str) -> bool {
    let text = text.to_lowercase();
    CREDIT_WORDS.iter().any(|w| text.contains(w))
}

pub(super) fn has_third_party_words(text: &str) -> bool {
    let text = text.to_lowercase();
    THIRD_PARTY_WORDS.iter().any(|w| text.contains(w))
}
