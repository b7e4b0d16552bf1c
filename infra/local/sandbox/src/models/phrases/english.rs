//! English.

use super::Phrases;

pub(super) static ENGLISH: Phrases = Phrases {
    language: "en",
    greetings: [
        &["Hello {name},", "Hi {name},", "Dear {name},"],
        &["Hello {name} team,", "Hi {name},", "Hello {name},"],
    ],
    facts: &[
        (
            "blog_post",
            true,
            &[
                "I read your post “{q}” of {date}.",
                "Your post “{q}” from {date} made me curious.",
                "On {date} you wrote “{q}”, and I read it.",
                "On {date} you published “{q}”, and I read it.",
            ],
        ),
        (
            "blog_post",
            false,
            &[
                "I read your post “{q}”.",
                "Your post “{q}” made me curious.",
                "I came across your post “{q}”.",
            ],
        ),
        (
            "announcement",
            true,
            &[
                "On {date} you announced “{q}”.",
                "I saw your news of {date}: “{q}”.",
            ],
        ),
        (
            "announcement",
            false,
            &[
                "Your site says “{q}”.",
                "I saw “{q}” on your site.",
                "You announce “{q}”.",
            ],
        ),
        (
            "hiring",
            false,
            &[
                "You are looking for people: “{q}”.",
                "I saw that you are looking: “{q}”.",
            ],
        ),
        (
            "about_sentence",
            false,
            &[
                "On your site I read “{q}”.",
                "You say of yourselves: “{q}”.",
                "Your own words, “{q}”, stayed with me.",
            ],
        ),
        (
            "service",
            false,
            &[
                "You offer “{q}”.",
                "Your site names “{q}” among your services.",
                "I saw that you offer “{q}”.",
            ],
        ),
        (
            "speciality",
            false,
            &["Your listing names “{q}”.", "I saw “{q}” in your listing."],
        ),
        (
            "rating",
            false,
            &[
                "Your {stars} stars from {reviews} reviews caught my eye.",
                "I saw your {stars} stars from {reviews} reviews.",
                "Your listing shows {stars} stars from {reviews} reviews.",
            ],
        ),
        (
            "technology",
            false,
            &[
                "Your site runs on {v}.",
                "I saw that your site runs on {v}.",
            ],
        ),
        (
            "founded",
            false,
            &[
                "Since {v} you have been in business.",
                "You have been in business since {v}.",
            ],
        ),
        (
            "last_updated",
            true,
            &[
                "Your site was last updated on {date}.",
                "I saw that your site was last updated on {date}.",
            ],
        ),
        (
            "opening_hours",
            false,
            &["Your listing gives your hours as “{q}”."],
        ),
        ("category", false, &["You are listed as “{q}”."]),
        (
            "locality",
            false,
            &["You are based in {v}.", "Your business is located in {v}."],
        ),
    ],
    subjects: &[
        "About “{q}”",
        "“{q}”",
        "Your “{q}”",
        "A question about “{q}”",
    ],
    sign_offs: &["Best regards,", "Kind regards,", "Best wishes,"],
    months: &[
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: "{d} {m} {y}",
};
