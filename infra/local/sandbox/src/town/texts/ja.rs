//! Japanese.

use super::{Labels, Lexicon, Slugs, TopicTexts, Trade, Trades};

pub(super) const LEXICON: Lexicon = Lexicon {
    slugs: Slugs {
        about: "about",
        contact: "access",
        services: "menu",
        news: "news",
        careers: "recruit",
        imprint: None,
    },
    labels: Labels {
        home: "ホーム",
        about: "当院・当店について",
        contact: "お問い合わせ・アクセス",
        services: "ご案内",
        news: "お知らせ",
        careers: "採用情報",
        imprint: "運営者情報",
        phone: "電話",
        email: "メール",
        owner: "代表",
        hours: "月曜〜土曜 9:00〜18:30",
        since: "創業",
    },
    months: [
        "1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月",
    ],
    day: "{year}年{month}{day}日",
    names: &["{last}{noun}", "{district}{noun}", "{word}{noun}"],
    words: &[
        "さくら|Sakura",
        "みどり|Midori",
        "ひかり|Hikari",
        "あおぞら|Aozora",
        "こもれび|Komorebi",
        "なぎさ|Nagisa",
    ],
    intro: &[
        "{district}の{name}です。{service}を丁寧に行っています。",
        "{founded}年から{city}で{service}と{service2}に取り組んでいます。",
        "{street}の{name}へようこそ。代表の{owner}です。",
    ],
    about: &[
        "{name}は{founded}年に{owner}が{district}で始めました。",
        "スタッフは{n}名、ほとんどが近所に住んでいます。",
        "得意な分野は{service}です。{service2}のご相談も多くいただきます。",
        "{year}年に改装し、待合を広くしました。",
        "料金は事前にご説明し、お電話はその日のうちに折り返します。",
    ],
    advice: TopicTexts {
        titles: &[
            "{service}についてよくある{n}つの質問",
            "{year}年の{service}、何が変わったか",
            "はじめての方へ：{service}の流れ",
            "{district}で{service}を選ぶ前に知りたいこと",
        ],
        sentences: &[
            "先月、{service}について{n}名の方からご質問をいただきました。",
            "早めに相談し、何が含まれるかを確認してください。",
            "{owner}が受付でいただいた声をまとめました。",
            "ほとんどの場合、{n}分もかかりません。",
        ],
    },
    new_location: TopicTexts {
        titles: &[
            "{district}に二店舗目を開きます",
            "{month}に{street}へ移転します",
        ],
        sentences: &[
            "新しい場所は{street}、駅から歩いてすぐです。",
            "{month}からは両方で{service}を承ります。",
            "{owner}が週の半分ずつ担当します。",
        ],
    },
    equipment: TopicTexts {
        titles: &["{equipment}を導入しました", "なぜ{equipment}を選んだのか"],
        sentences: &[
            "納品まで{n}か月お待ちしました。",
            "{service}の回数が一回少なくなります。",
            "{owner}が{n}日間の研修を受けました。",
        ],
    },
    hiring: TopicTexts {
        titles: &[
            "スタッフ募集：{role}",
            "{district}で一緒に働きませんか（{role}）",
        ],
        sentences: &[
            "{role}を募集しています。週{n}時間です。",
            "隔週の金曜日はお休みです。",
            "{owner}が{n}日以内にお返事します。",
        ],
    },
    award: TopicTexts {
        titles: &[
            "{year}年{city}おもてなし賞をいただきました",
            "おかげさまで{n}周年",
        ],
        sentences: &[
            "審査員は{n}回、予告なしに来られました。",
            "{service}の説明がわかりやすいと評価されました。",
            "{owner}よりスタッフ一同に感謝いたします。",
        ],
    },
    event: TopicTexts {
        titles: &[
            "{month}{day}日は{district}で見学会",
            "{service}の無料相談会のお知らせ",
        ],
        sentences: &[
            "10時から16時まで、ご予約なしでどうぞ。",
            "前回は{n}名のご近所の方が来られました。",
            "{owner}が{service}についてお話しします。",
        ],
    },
    trades: Trades {
        dental: Trade {
            label: "歯科医院",
            nouns: &["歯科医院|Dental Office", "歯科|Shika"],
            services: &[
                "小児歯科",
                "歯周病治療",
                "ホワイトニング",
                "インプラント",
                "根管治療",
                "入れ歯",
            ],
            equipment: &["口腔内スキャナー", "歯科用CT", "レーザー治療器"],
            roles: &["歯科衛生士", "歯科助手"],
            advice: &["歯医者が苦手な方へ：{district}で続けている{n}つの工夫"],
        },
        orthodontist_nouns: &["矯正歯科|Orthodontics"],
        clinic_nouns: &[
            "デンタルクリニック|Dental Clinic",
            "歯科クリニック|Dental Clinic",
        ],
        food: Trade {
            label: "食堂",
            nouns: &["食堂|Shokudo", "亭|Tei"],
            services: &["日替わり定食", "出汁巻き", "仕出し弁当", "季節の天ぷら"],
            equipment: &["薪窯", "炭火焼き台"],
            roles: &["調理スタッフ", "ホールスタッフ"],
            advice: &["{month}の献立：{service}と旬の野菜"],
        },
        law: Trade {
            label: "法律事務所",
            nouns: &["法律事務所|Law Office"],
            services: &["相続", "労働問題", "契約書の確認", "離婚相談"],
            equipment: &["オンライン相談室", "書類共有システム"],
            roles: &["パラリーガル"],
            advice: &[],
        },
        hotel: Trade {
            label: "旅館",
            nouns: &["旅館|Ryokan", "ホテル|Hotel"],
            services: &["家族風呂", "朝食", "会議室", "自転車の貸し出し"],
            equipment: &["太陽光給湯", "鍵のない玄関"],
            roles: &["夜間フロント"],
            advice: &["{district}から歩く{n}つの散歩道"],
        },
        shop: Trade {
            label: "雑貨店",
            nouns: &["雑貨店|Zakka", "商店|Shoten"],
            services: &["手ぬぐい", "陶器", "名入れ", "贈り物の包装"],
            equipment: &["活版印刷機", "新しい窯"],
            roles: &["週末の販売スタッフ"],
            advice: &[],
        },
        physio: Trade {
            label: "整体院",
            nouns: &["整体院|Seitai", "リハビリ院|Rehab"],
            services: &["腰痛の施術", "スポーツリハビリ", "産後ケア", "姿勢分析"],
            equipment: &["衝撃波治療器", "歩行分析装置"],
            roles: &["理学療法士"],
            advice: &["机に向かう人のための{n}つの体操"],
        },
        salon: Trade {
            label: "美容室",
            nouns: &["美容室|Hair", "美容院|Hair Salon"],
            services: &["カット", "白髪ぼかし", "着付け", "髪質改善"],
            equipment: &["炭酸シャンプー台", "頭皮カメラ"],
            roles: &["スタイリスト"],
            advice: &[],
        },
        accounts: Trade {
            label: "会計事務所",
            nouns: &["会計事務所|Accounting", "税理士事務所|Tax Office"],
            services: &["確定申告", "給与計算", "会社設立", "決算"],
            equipment: &["領収書アプリ", "経営ダッシュボード"],
            roles: &["会計スタッフ"],
            advice: &[],
        },
    },
};
