//! Japanese, Greek and Serbian: one sentence for a kind of fact.

use super::Phrases;

pub(super) static JAPANESE: Phrases = Phrases {
    language: "ja",
    greetings: [&["{name} 様、"], &["{name} の皆様、"]],
    facts: &[
        ("blog_post", true, &["{date} の記事 “{q}” を拝見しました。"]),
        ("blog_post", false, &["記事 “{q}” を拝見しました。"]),
        ("announcement", false, &["サイトの “{q}” を拝見しました。"]),
        ("hiring", false, &["“{q}” の募集を拝見しました。"]),
        (
            "about_sentence",
            false,
            &["サイトの “{q}” という言葉が印象に残りました。"],
        ),
        ("service", false, &["“{q}” を提供されていますね。"]),
        ("speciality", false, &["“{q}” と紹介されていますね。"]),
        (
            "rating",
            false,
            &["{reviews} 件の口コミで星 {stars} と拝見しました。"],
        ),
        ("founded", false, &["{v} 年の創業と拝見しました。"]),
        ("category", false, &["“{q}” として掲載されていますね。"]),
        ("locality", false, &["所在地は {v} ですね。"]),
    ],
    subjects: &["“{q}” について"],
    sign_offs: &["よろしくお願いいたします。"],
    months: &[
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
    ],
    date: "{y}年{m}月{d}日",
};

pub(super) static GREEK: Phrases = Phrases {
    language: "el",
    greetings: [&["Καλημέρα {name},"], &["Καλημέρα στην ομάδα {name},"]],
    facts: &[
        (
            "blog_post",
            true,
            &["Διάβασα το άρθρο σας “{q}” της {date}."],
        ),
        ("blog_post", false, &["Διάβασα το άρθρο σας “{q}”."]),
        ("announcement", false, &["Στον ιστότοπό σας είδα “{q}”."]),
        ("hiring", false, &["Αναζητάτε συνεργάτες: “{q}”."]),
        (
            "about_sentence",
            false,
            &["Στον ιστότοπό σας διάβασα “{q}”."],
        ),
        ("service", false, &["Προσφέρετε “{q}”."]),
        ("speciality", false, &["Η καταχώρισή σας αναφέρει “{q}”."]),
        (
            "rating",
            false,
            &["Είδα τα {stars} αστέρια σας από {reviews} κριτικές."],
        ),
        ("founded", false, &["Λειτουργείτε από το {v}."]),
        ("category", false, &["Είστε καταχωρισμένοι ως “{q}”."]),
        ("locality", false, &["Βρίσκεστε στην περιοχή {v}."]),
    ],
    subjects: &["Σχετικά με “{q}”"],
    sign_offs: &["Με εκτίμηση,"],
    months: &[
        "Ιανουαρίου",
        "Φεβρουαρίου",
        "Μαρτίου",
        "Απριλίου",
        "Μαΐου",
        "Ιουνίου",
        "Ιουλίου",
        "Αυγούστου",
        "Σεπτεμβρίου",
        "Οκτωβρίου",
        "Νοεμβρίου",
        "Δεκεμβρίου",
    ],
    date: "{d} {m} {y}",
};

pub(super) static SERBIAN: Phrases = Phrases {
    language: "sr",
    greetings: [&["Поштовани {name},"], &["Поштовани тиме {name},"]],
    facts: &[
        ("blog_post", true, &["Читам ваш текст “{q}” од {date}."]),
        ("blog_post", false, &["Читам ваш текст “{q}”."]),
        ("announcement", false, &["На вашем сајту стоји “{q}”."]),
        ("hiring", false, &["Тражите сараднике: “{q}”."]),
        ("about_sentence", false, &["На вашем сајту пише “{q}”."]),
        ("service", false, &["Нудите “{q}”."]),
        ("speciality", false, &["Ваш унос помиње “{q}”."]),
        (
            "rating",
            false,
            &["Видим ваших {stars} звездица из {reviews} оцена."],
        ),
        ("founded", false, &["Радите од {v}."]),
        ("category", false, &["Уписани сте као “{q}”."]),
        ("locality", false, &["Ваше место је {v}."]),
    ],
    subjects: &["О “{q}”"],
    sign_offs: &["Срдачан поздрав,"],
    months: &[
        "јануара",
        "фебруара",
        "марта",
        "априла",
        "маја",
        "јуна",
        "јула",
        "августа",
        "септембра",
        "октобра",
        "новембра",
        "децембра",
    ],
    date: "{d}. {m} {y}",
};
