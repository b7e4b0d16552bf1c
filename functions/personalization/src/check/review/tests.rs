//! What the checker lets through and what it cuts, rule by rule.

use std::{collections::BTreeMap, sync::LazyLock};

use hunter_contracts::{Evidence, Lead, LeadId, Seller, SellerText, SellerTexts, Tone};
use jiff::civil::date;

use super::*;
use crate::{
    check::whole::whole,
    facts::material::WriteRequest,
    words::{
        grammar::{english, render},
        language::{Language, language},
    },
    write::rules,
};

/// 1 post, 2 rating, 3 hiring, 4 technology, 5 founded, 6 hours, 7 category, 8 town, 9 service that
/// denies, 10 old post with a number, 11 site's last change, 12 and 14 what it says of itself; 13 a person.
fn lead() -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", "1"));
    lead.name = Some("Apollo Dental".into());
    let mut add = |kind, value: &str, day: Option<jiff::civil::Date>| {
        let evidence = Evidence {
            url: "https://apollo.example/".into(),
            quote: value.into(),
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
        };
        lead.add_fact(kind, value.into(), day, evidence);
    };
    let recent = Some(date(2025, 12, 1));
    add(FactKind::BlogPost, "Five myths about braces", recent);
    add(FactKind::Rating, "4.6 from 212 reviews", None);
    add(FactKind::Hiring, "Night receptionist wanted", None);
    add(FactKind::Technology, "WordPress", None);
    add(FactKind::Founded, "1987", None);
    add(
        FactKind::OpeningHours,
        "Mo-Fr 08:00-18:00; Sa 09:00-12:00",
        None,
    );
    add(FactKind::Category, "dentist", None);
    add(FactKind::Locality, "Halle", None);
    add(FactKind::Service, "We do not treat children under 6", None);
    add(
        FactKind::BlogPost,
        "12 tips for anxious patients",
        Some(date(2024, 3, 3)),
    );
    add(FactKind::LastUpdated, "2025-10-01", Some(date(2025, 10, 1)));
    add(
        FactKind::AboutSentence,
        "Our Berlin branch closed, our Halle branch is open",
        None,
    );
    add(FactKind::Person, "Rajesh Kumar", None);
    let long = "Gentle root canals under a microscope since many quiet years";
    add(FactKind::AboutSentence, long, None);
    // Signs of its own stand in a quotation as they stand on the page.
    add(FactKind::Announcement, "50 € off | this week ★", None);
    lead
}

fn seller() -> Seller {
    Seller {
        company: "BrightChair".into(),
        offer: "help dental clinics win back lost patients".into(),
        proof_points: vec![
            "23 clinics use it.".into(),
            "Setting it up takes one afternoon.".into(),
        ],
        ask: "Worth a short call next week?".into(),
        sender_name: "Ana Silva".into(),
        sender_email: None,
        postal_address: None,
        offers_by_industry: BTreeMap::new(),
        translations: BTreeMap::from([
            (
                "de".to_owned(),
                SellerTexts {
                    offer: "Wir helfen Zahnarztpraxen, verlorene Patienten zurückzugewinnen."
                        .into(),
                    ask: "Haben Sie nächste Woche Zeit für ein kurzes Gespräch?".into(),
                    proof_points: vec!["23 Praxen nutzen es.".into()],
                },
            ),
            (
                "fr".to_owned(),
                SellerTexts {
                    offer: "Nous aidons les cabinets dentaires à retrouver leurs patients.".into(),
                    ask: "Auriez-vous un moment la semaine prochaine ?".into(),
                    proof_points: vec![],
                },
            ),
            (
                "es".to_owned(),
                SellerTexts {
                    offer: "Ayudamos a las clínicas dentales a recuperar pacientes.".into(),
                    ask: "¿Hablamos la próxima semana?".into(),
                    proof_points: vec![],
                },
            ),
        ]),
    }
}

static LEAD: LazyLock<Lead> = LazyLock::new(lead);
static SELLER: LazyLock<Seller> = LazyLock::new(seller);

fn request() -> WriteRequest<'static> {
    WriteRequest {
        lead: &LEAD,
        seller: &SELLER,
        tone: &Tone::Professional,
        words_max: 75,
        template_context: "lead_generation",
        recipient: "info@apollo.example",
        today: date(2025, 12, 14),
        variant: 0,
    }
}

fn sentence(role: Role, text: &str, facts: &[u32]) -> AnswerSentence {
    AnswerSentence {
        facts: facts.to_vec(),
        ..AnswerSentence::new(role, text.into(), None)
    }
}

fn checked(code: &str, role: Role, text: &str, facts: &[u32]) -> Result<Claim, String> {
    let request = request();
    let language = language(code).unwrap();
    let material = Material::of(&request, language).unwrap();
    check(&material, &sentence(role, text, facts))
}

fn fact(code: &str, number: u32, text: &str) -> Result<Claim, String> {
    checked(code, Role::Opening, text, &[number])
}

// A row per line.
#[rustfmt::skip]
#[test]
fn what_the_facts_say_holds_in_many_words() {
    for (number, text) in [
        (1, "Your post “Five myths about braces” of 1 December 2025 is why I am writing."),
        (1, "I read your recent article “Five myths about braces” and it caught my eye."),
        (1, "On December 1st, 2025 you published “Five myths…”, which prompted this note."),
        (1, "Your new blog post \"Five myths about braces\" made me curious."),
        (1, "I came across your post about five myths about braces."),
        (1, "Apollo Dental published “Five myths about braces” in December 2025."),
        (2, "I noticed your 4.6 stars from 212 reviews."),
        (2, "Your listing shows 212 reviews and an average of 4.6 stars."),
        (2, "Apollo Dental is rated 4.6 by customers."),
        (3, "You are looking for staff: “Night receptionist wanted”."),
        (3, "I saw that you are hiring a night receptionist."),
        (4, "Your website runs on WordPress."),
        (4, "I saw that Apollo Dental uses WordPress for its site."),
        (5, "Apollo Dental was founded in 1987."),
        (5, "Your practice goes back to 1987."),
        (6, "I saw that you are open on Saturdays."),
        (7, "I am writing because you run a dental practice in Halle."),
        (7, "My search for dental practices in Halle led me to you."),
        (7, "You are listed as “dentist” in Halle."),
        (6, "Your listing gives your hours as “Mo-Fr 08:00-18:00; Sa 09:00-12:00”."),
        (8, "I am writing to businesses in Halle, and yours is one of them."),
        (9, "Your site says “We do not treat children under 6”."),
        (10, "Your post “12 tips for anxious patients” of 3 March 2024 made me curious."),
        (10, "In March 2024 you wrote about tips for anxious patients."),
        (11, "Your site was last updated on 1 October 2025."),
        (12, "You write “our Halle branch is open” on your site."),
    ] {
        let held = fact("en", number, text);
        let held = held.unwrap_or_else(|why| panic!("{text}: {why}"));
        let ClaimBasis::Fact {
            number: basis,
            evidence,
        } = held.basis
        else {
            panic!("{text} has another basis");
        };
        assert_eq!(
            (basis, evidence.url.as_str()),
            (number, "https://apollo.example/")
        );
    }
}

// A row per line.
#[rustfmt::skip]
#[test]
fn what_the_facts_do_not_say_is_cut() {
    for (number, text, reason) in [
        // Fact numbers and quotations.
        (99, "Your post “Five myths about braces” is why.", "there is no fact 99"),
        (13, "Your owner is Rajesh Kumar.", "there is no fact 13"),
        (1, "Your post “Six myths about braces” is why.", "does not stand word for word"),
        (1, "Your post “Five facts about braces” is why.", "does not stand word for word"),
        (1, "Your post „Fünf Mythen über Zahnspangen“ is why.", "does not stand word for word"),
        (1, "Your post “Five myths about braces is why.", "not closed"),
        (9, "Your site says you “treat children under 6”.", "leaves out"),
        (9, "Your site says you treat children under 6.", "denies something"),
        (7, "You are listed as “dental practice”.", "does not stand word for word"),
        (6, "Your listing says “Saturdays”.", "does not stand word for word"),
        // Days.
        (1, "Your post “Five myths about braces” of 2 December 2025 is why.", "`2 December 2025`"),
        (1, "Your post “Five myths about braces” of 1 December 2024 is why.", "does not stand"),
        (1, "Your post “Five myths about braces” of 1 May 2025 is why.", "does not stand"),
        (1, "Your post “Five myths about braces” of last May is why.", "does not stand"),
        (10, "Your post “12 tips for anxious patients” of 12 March 2024 is why.", "does not stand"),
        (1, "You published “Five myths about braces” yesterday.", "`yesterday`"),
        // Numbers.
        (2, "I noticed your 4.7 stars from 212 reviews.", "`4.7`"),
        (2, "I noticed your 4.6 stars from 213 reviews.", "`213`"),
        (2, "I noticed your 212 stars from 4.6 reviews.", "`212`"),
        (2, "I noticed your 4.6 stars from over 212 reviews.", "`over`"),
        (2, "I noticed your 212+ reviews.", "`212+`"),
        (5, "Apollo Dental was founded in 1978.", "`1978`"),
        (5, "Your practice goes back 38 years.", "`38 years`"),
        (1, "Your post about six myths about braces is why.", "`six myths"),
        (6, "I saw that you are open on Sundays.", "`Sundays`"),
        (6, "I saw that you are open on Saturdays until 18.", "does not stand"),
        // Recency.
        (10, "Your recent post “12 tips for anxious patients” is why.", "says `recent`"),
        (10, "I just read “12 tips for anxious patients” on your new site.", "says `just`"),
        (3, "You are newly hiring: “Night receptionist wanted”.", "`newly`"),
        // Names.
        (1, "Your post “Five myths about braces” impressed Google.", "`impressed Google`"),
        (1, "Your colleague Ramesh wrote “Five myths about braces”.", "`colleague Ramesh`"),
        (7, "You run a dental practice in Leipzig.", "`Leipzig`"),
        (8, "My search in Berlin and Halle led me to you.", "`Berlin`"),
        // Assertions, praise, comparison, negation, quantity.
        (1, "Your impressive post “Five myths about braces” is why.", "`impressive`"),
        (1, "Your post “Five myths about braces” shows strong growth.", "`strong growth`"),
        (1, "Your post “Five myths about braces” went viral.", "`went viral`"),
        (1, "You offer braces.", "`offer braces`"),
        (4, "Your site does not run on WordPress.", "`not"),
        (4, "Your outdated site runs on WordPress.", "`outdated"),
        (4, "Your site runs on WordPress and loses customers.", "does not stand"),
        (12, "Your Berlin branch is open.", "`Berlin branch is open`"),
        (12, "You closed your Halle branch.", "does not stand"),
        (1, "You opened a second practice.", "does not stand"),
        (1, "Your patients love “Five myths about braces”.", "`patients love`"),
        (12, "You have our Berlin branch closed, our Halle branch is open.", "speaks of the seller"),
        (9, "Your site: we do not treat children under 6.", "denies something"),
        (14, "Your practice: gentle root canals under a microscope since many quiet years.", "more than 6 words"),
        // Who is spoken of.
        (1, "We published “Five myths about braces”.", "neither addresses"),
        (1, "Our post “Five myths about braces” is for you.", "speaks of the seller"),
        (1, "“Five myths about braces” is a post.", "neither addresses"),
        // Nothing of the fact.
        (1, "I read your article and it caught my eye.", "says nothing that stands"),
        (2, "I saw your stars and reviews.", "says nothing that stands"),
        // Links, numbers to call, markup, questions, lines.
        (1, "Your post “Five myths about braces”: see evil.com for more.", "link"),
        (1, "Your post “Five myths about braces”, call +49 341 555 1234 567.", "link"),
        (1, "Your post “Five myths about braces” is <b>why</b>.", "sign"),
        (1, "Your post “Five myths about braces” is why [link].", "sign"),
        (1, "Your post “Five myths about braces” is why 🙂.", "sign"),
        (1, "Have you read your post “Five myths about braces”?", "no statement"),
        (1, "Your post “Five myths about braces”\nis why.", "several lines"),
    ] {
        let refused = fact("en", number, text).expect_err(text);
        assert!(refused.contains(reason), "{text}: {refused}");
    }
}

// A row per line.
#[rustfmt::skip]
#[test]
fn other_languages_are_held_to_the_same() {
    for (code, number, text) in [
        ("de", 1, "Ihr Beitrag „Five myths about braces“ vom 1. Dezember 2025 hat mich neugierig gemacht."),
        ("de", 1, "Ich habe Ihren neuen Artikel „Five myths about braces“ gelesen."),
        ("de", 2, "Mir sind Ihre 4,6 Sterne aus 212 Bewertungen aufgefallen."),
        ("de", 5, "Ihre Praxis besteht seit 1987."),
        ("de", 6, "Ich habe gesehen, dass Sie auch am Samstag geöffnet haben."),
        ("de", 4, "Ihre Website läuft mit WordPress."),
        ("fr", 1, "J'ai lu votre article « Five myths about braces » du 1er décembre 2025."),
        ("fr", 4, "Votre site utilise WordPress."),
        ("es", 1, "He leído su artículo «Five myths about braces» del 1 de diciembre de 2025."),
        ("es", 5, "Su clínica existe desde 1987."),
    ] {
        let held = fact(code, number, text);
        assert!(held.is_ok(), "{text}: {held:?}");
    }
    for (code, number, text) in [
        ("de", 1, "Ihr Beitrag „Five myths about braces“ vom 2. Dezember 2025 hat mich neugierig gemacht."),
        ("de", 10, "Ihr neuer Beitrag „12 tips for anxious patients“ hat mich neugierig gemacht."),
        ("de", 1, "Ihr Beitrag „Fünf Mythen“ hat mich neugierig gemacht."),
        ("de", 1, "Ihr großartiger Beitrag „Five myths about braces“ hat mich neugierig gemacht."),
        ("de", 4, "Ihre Website läuft nicht mit WordPress."),
        ("de", 2, "Mir sind Ihre 212 Sterne aufgefallen."),
        ("de", 6, "Ich habe gesehen, dass Sie am Sonntag geöffnet haben."),
        ("de", 1, "Unser Beitrag „Five myths about braces“ ist für Sie."),
        ("fr", 1, "Votre article « Five myths about braces » du 2 décembre 2025 est remarquable."),
        ("fr", 10, "Votre dernier article « 12 tips for anxious patients » m'a intéressé."),
        ("es", 1, "Su excelente artículo «Five myths about braces» llamó mi atención."),
        ("es", 10, "Su nuevo artículo «12 tips for anxious patients» llamó mi atención."),
    ] {
        assert!(fact(code, number, text).is_err(), "{text}");
    }
}

// A row per line.
#[rustfmt::skip]
#[test]
fn the_seller_says_only_what_it_said() {
    for (code, role, text) in [
        ("en", Role::Offer, "We help dental clinics win back lost patients."),
        ("en", Role::Offer, "At BrightChair we help dental clinics win back lost patients."),
        ("en", Role::Offer, "BrightChair helps dental clinics win back lost patients."),
        ("en", Role::Offer, "With your patients and your front desk in mind, we help dental clinics win back lost patients."),
        ("en", Role::Proof, "23 clinics use it."),
        ("en", Role::Proof, "Also, setting it up takes one afternoon."),
        ("en", Role::Ask, "Worth a short call next week?"),
        ("en", Role::Ask, "Would that be worth a short call next week?"),
        ("en", Role::SignOff, "Kind regards,\nAna Silva\nBrightChair"),
        ("en", Role::SignOff, "All the best,\nAna Silva, BrightChair"),
        ("de", Role::Offer, "Wir helfen Zahnarztpraxen, verlorene Patienten zurückzugewinnen."),
        ("de", Role::SignOff, "Viele Grüße\nAna Silva\nBrightChair"),
        ("fr", Role::Offer, "Nous aidons les cabinets dentaires à retrouver leurs patients."),
        ("es", Role::Ask, "¿Hablamos la próxima semana?"),
    ] {
        let held = checked(code, role, text, &[]);
        let held = held.unwrap_or_else(|why| panic!("{text}: {why}"));
        let ClaimBasis::Seller { field } = held.basis else {
            panic!("{text} has another basis");
        };
        let translated = code != "en" && role != Role::SignOff;
        assert_eq!(
            field.to_string().starts_with(&format!("translations.{code}.")),
            translated,
            "{field}"
        );
    }
    for (role, text) in [
        (Role::Offer, "We help dental clinics win back 50 lost patients."),
        (Role::Offer, "We help all dental clinics win back lost patients quickly."),
        (Role::Offer, "We help dental clinics win patients."),
        (Role::Offer, "We guarantee results: we help dental clinics win back lost patients."),
        (Role::Offer, "Like Google, we help dental clinics win back lost patients."),
        (Role::Offer, "We never help dental clinics win back lost patients."),
        (Role::Offer, "We help dental clinics win back lost patients, see bright.com."),
        (Role::Offer, "We help dental clinics win back lost patients, right?"),
        (Role::Offer, "We help dental clinics, as “Five myths” says, win back lost patients."),
        (Role::Proof, "24 clinics use it."),
        (Role::Proof, "Over 23 clinics use it."),
        (Role::Proof, "Apollo Dental's neighbours use it."),
        (Role::Ask, "Worth a long call next week?"),
        (Role::Ask, "Can I call you tomorrow?"),
        (Role::SignOff, "Best,\nAna Silva\nSee evil.com\nBrightChair"),
        (Role::SignOff, "Best,\nAna Silva"),
        (Role::SignOff, "Best,\nAna Silva\nCEO of BrightChair"),
    ] {
        assert!(checked("en", role, text, &[]).is_err(), "{text}");
    }
}

#[test]
fn only_the_recipient_is_greeted() {
    for good in [
        "Hello Rajesh Kumar,",
        "Dear Rajesh Kumar,",
        "Hi Apollo Dental team,",
    ] {
        let held = checked("en", Role::Greeting, good, &[]).unwrap();
        // Whom a greeting names is a claim, and its evidence is ours.
        let person = good.contains("Rajesh");
        assert_eq!(
            matches!(held.basis, ClaimBasis::Fact { number: 13, .. }),
            person
        );
    }
    for bad in [
        "Hello Ramesh Kumar,",
        "Hello Bob,",
        "Dear Sir/Madam,",
        "Hello,",
        "Hello Rajesh Kumar, you won,",
        "Hello Rajesh Kumar",
        "Hello Rajesh Kumar of evil.com,",
    ] {
        assert!(checked("en", Role::Greeting, bad, &[]).is_err(), "{bad}");
    }
}

#[test]
fn a_sentence_rests_on_one_fact_and_its_quotes_are_the_pages() {
    let request = request();
    let material = Material::of(&request, Language::english()).unwrap();
    let text = "Your post “Five myths about braces” is why.";
    let mut one = sentence(Role::Opening, text, &[1, 8]);
    assert!(check(&material, &one).is_ok(), "the town may stand beside");
    one.facts = vec![1, 4];
    assert!(
        check(&material, &one)
            .unwrap_err()
            .contains("several facts")
    );
    one.facts = vec![];
    assert!(check(&material, &one).unwrap_err().contains("no fact"));
    one.facts = vec![1];
    one.quotes = vec!["Five myths".into()];
    assert!(check(&material, &one).is_ok());
    one.quotes = vec!["Six myths".into()];
    assert!(check(&material, &one).is_err());
    one.quotes = vec![];
    one.seller_field = Some("offer".into());
    assert!(check(&material, &one).unwrap_err().contains("split it"));
}

#[test]
fn subject_lines_are_held_to_the_facts_that_are_used() {
    let request = request();
    let material = Material::of(&request, Language::english()).unwrap();
    let kept = [fact("en", 1, "Your post “Five myths about braces” is why.").unwrap()];
    for good in [
        "Your post “Five myths about braces”",
        "A question about “Five myths about braces”",
        "A question for Apollo Dental",
        "Five myths about braces",
        "A short question",
    ] {
        assert!(subject_holds(&material, good, &kept), "{good}");
    }
    for bad in [
        "",
        "Re: your order",
        "You won a prize",
        "Your post “12 tips for anxious patients”",
        "50% more patients for Apollo Dental",
        "Urgent: A question",
        "Your WordPress site",
        "A question, see evil.com",
        "A very short and simple question about “Five myths about braces”",
        "A question\nBcc: x",
    ] {
        assert!(!subject_holds(&material, bad, &kept), "{bad}");
    }
}

#[test]
fn all_that_the_rules_engine_says_holds() {
    let mut lead = lead();
    lead.facts.retain(|fact| fact.number != 12);
    let request = WriteRequest {
        lead: &lead,
        ..request()
    };
    let material = Material::in_english(&request).unwrap();
    let (mut seen, mut refused) = (0, Vec::new());
    let grammar = english();
    for template in grammar.opening.iter().chain(&grammar.second) {
        for given in &material.facts {
            let fact = &given.usable;
            let (dated, recent) = (fact.date.is_some(), fact.is_recent(request.today));
            let tones = [Tone::Friendly, Tone::Professional];
            let mut tones = tones.iter();
            if !tones.any(|tone| template.fits(fact.fact.kind, tone, dated, recent)) {
                continue;
            }
            let value = |key: &str| fact.placeholder(key, &lead, 14);
            let Some(text) = render(&template.text, value) else {
                continue;
            };
            let proposed = sentence(Role::Opening, &text, &[fact.fact.number]);
            if let Err(why) = check(&material, &proposed) {
                refused.push(format!("{text}: {why}"));
            }
            seen += 1;
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(seen > 40, "{seen}");
    for variant in 0..60 {
        let answer = rules::write(&material, variant).unwrap();
        let review = review(&material, &answer);
        assert_eq!(review.objections, Vec::<String>::new());
        assert_eq!(review.subject.as_ref(), Some(&answer.subject));
    }
}

#[test]
fn the_rules_engine_is_not_believed_either() {
    let request = request();
    let material = Material::in_english(&request).unwrap();
    let mut answer = rules::write(&material, 0).unwrap();
    answer.sentences.retain(|s| s.role != Role::Second);
    for sentence in &mut answer.sentences {
        if sentence.role == Role::Opening {
            sentence.text = "You just raised $5 million from Sequoia.".into();
        }
    }
    let review = review(&material, &answer);
    assert_eq!((review.objections.len(), review.serious), (1, 1));
    assert!(whole(&material, &review).is_err());
}

#[test]
fn a_quotation_is_not_cut_before_what_it_denies() {
    let mut lead = lead();
    lead.facts.retain(|fact| fact.number == 9);
    let request = WriteRequest {
        lead: &lead,
        ..request()
    };
    let material = Material::in_english(&request).unwrap();
    let fact = &material.facts[0].usable;
    assert_eq!(fact.quotation(2, 100), None);
    assert_eq!(fact.quotation(4, 100).as_deref(), Some("We do not treat…"));
}

/// Marks within a name are no quotation, and a name that is cut for a subject line is no other.
#[test]
fn a_name_is_as_it_is_written() {
    let mut lead = lead();
    lead.name = Some("Praxis «Улыбка» für Kieferorthopädie und mehr".into());
    let request = WriteRequest {
        lead: &lead,
        ..request()
    };
    let material = Material::in_english(&request).unwrap();
    let name = material.business.clone().unwrap();
    let text = format!("I came across the site of {name}, which runs on WordPress.");
    let claim = check(&material, &sentence(Role::Opening, &text, &[4])).unwrap();
    let short = material.short_name().unwrap();
    assert!(short.ends_with('…'), "{short}");
    assert!(subject_holds(
        &material,
        &format!("A question for {short}"),
        &[claim]
    ));
    assert!(!subject_holds(
        &material,
        "A question for Praxis «Улыбка",
        &[]
    ));
}

/// One person may be the company, and one name may hold the other.
#[test]
fn a_closing_holds_both_names_however_they_overlap() {
    for (sender, company) in [
        ("Ana Silva", "Ana Silva"),
        ("Ana Silva", "Ana Silva Consulting"),
        ("Ana from BrightChair", "BrightChair"),
    ] {
        let mut seller = seller();
        (seller.sender_name, seller.company) = (sender.into(), company.into());
        let request = WriteRequest {
            seller: &seller,
            ..request()
        };
        let material = Material::in_english(&request).unwrap();
        let text = format!("Best regards,\n{sender}\n{company}");
        check(&material, &sentence(Role::SignOff, &text, &[])).unwrap();
    }
    let one = sentence(Role::SignOff, "Best,\nAna Silva Consulting", &[]);
    let mut seller = seller();
    seller.company = "Ana Silva Consulting".into();
    let request = WriteRequest {
        seller: &seller,
        ..request()
    };
    let material = Material::in_english(&request).unwrap();
    assert!(check(&material, &one).is_err());
}

/// The customer's own words stand as they were configured, whatever signs they hold.
#[test]
fn the_sellers_own_signs_are_no_objection() {
    let mut seller = seller();
    seller.offer = "save clinics 200 € a month (on average)".into();
    seller.ask = "Shall we talk?\nTuesday ★ suits me.".into();
    let request = WriteRequest {
        seller: &seller,
        ..request()
    };
    let material = Material::in_english(&request).unwrap();
    let field = |text| SellerField::Text {
        language: None,
        text,
    };
    for (role, text, own) in [
        (
            Role::Offer,
            format!("We {}.", seller.offer),
            SellerText::Offer,
        ),
        (Role::Ask, seller.ask.clone(), SellerText::Ask),
    ] {
        let claim = check(&material, &sentence(role, &text, &[])).unwrap();
        assert_eq!(claim.basis, ClaimBasis::Seller { field: field(own) });
    }
    let added = format!("We {} ★.", seller.offer);
    assert!(check(&material, &sentence(Role::Offer, &added, &[])).is_err());
}
