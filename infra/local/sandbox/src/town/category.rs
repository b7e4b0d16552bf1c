//! Kinds of businesses, and what Google and OpenStreetMap call them.

use serde::Serialize;

/// What a business does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A single-chair or family dental practice.
    Dentist,
    /// A practice that straightens teeth.
    Orthodontist,
    /// A dental clinic with several dentists.
    DentalClinic,
    /// A restaurant.
    Restaurant,
    /// A law firm.
    LawFirm,
    /// A hotel.
    Hotel,
    /// A shop for gifts and things for the home.
    Shop,
    /// A physiotherapy practice.
    Physiotherapist,
    /// A hairdresser.
    Salon,
    /// An accountant or tax adviser.
    Accountant,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 10] = [
        Self::Dentist,
        Self::Orthodontist,
        Self::DentalClinic,
        Self::Restaurant,
        Self::LawFirm,
        Self::Hotel,
        Self::Shop,
        Self::Physiotherapist,
        Self::Salon,
        Self::Accountant,
    ];

    /// Whether it belongs to the dental family.
    #[must_use]
    pub fn is_dental(self) -> bool {
        matches!(
            self,
            Self::Dentist | Self::Orthodontist | Self::DentalClinic
        )
    }

    /// The category as one English word or two.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Dentist => "dentist",
            Self::Orthodontist => "orthodontist",
            Self::DentalClinic => "dental clinic",
            Self::Restaurant => "restaurant",
            Self::LawFirm => "law firm",
            Self::Hotel => "hotel",
            Self::Shop => "gift shop",
            Self::Physiotherapist => "physiotherapist",
            Self::Salon => "hair salon",
            Self::Accountant => "accountant",
        }
    }

    /// `types` of a Google place, the primary type first. Google has no type for orthodontists.
    #[must_use]
    pub fn google_types(self) -> &'static [&'static str] {
        match self {
            Self::Dentist | Self::Orthodontist => {
                &["dentist", "health", "point_of_interest", "establishment"]
            }
            Self::DentalClinic => &[
                "dental_clinic",
                "dentist",
                "health",
                "point_of_interest",
                "establishment",
            ],
            Self::Restaurant => &["restaurant", "food", "point_of_interest", "establishment"],
            Self::LawFirm => &["lawyer", "point_of_interest", "establishment"],
            Self::Hotel => &["hotel", "lodging", "point_of_interest", "establishment"],
            Self::Shop => &["gift_shop", "store", "point_of_interest", "establishment"],
            Self::Physiotherapist => &[
                "physiotherapist",
                "health",
                "point_of_interest",
                "establishment",
            ],
            Self::Salon => &[
                "hair_salon",
                "beauty_salon",
                "hair_care",
                "point_of_interest",
                "establishment",
            ],
            Self::Accountant => &[
                "accounting",
                "finance",
                "point_of_interest",
                "establishment",
            ],
        }
    }

    /// Tags of an OpenStreetMap object.
    #[must_use]
    pub fn osm_tags(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Dentist => &[("amenity", "dentist"), ("healthcare", "dentist")],
            Self::Orthodontist => &[
                ("amenity", "dentist"),
                ("healthcare:speciality", "orthodontics"),
            ],
            Self::DentalClinic => &[
                ("amenity", "dentist"),
                ("healthcare", "clinic"),
                ("dental_clinic", "yes"),
            ],
            Self::Restaurant => &[("amenity", "restaurant")],
            Self::LawFirm => &[("office", "lawyer")],
            Self::Hotel => &[("tourism", "hotel")],
            Self::Shop => &[("shop", "gift")],
            Self::Physiotherapist => &[("healthcare", "physiotherapist")],
            Self::Salon => &[("shop", "hairdresser")],
            Self::Accountant => &[("office", "accountant")],
        }
    }

    /// Words of a search that mean this category, in the town's languages, lower case.
    pub(crate) fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::Dentist => &[
                "dentist",
                "dentists",
                "dental practice",
                "dental practices",
                "dental surgery",
                "dental",
                "zahnarzt",
                "zahnärzte",
                "zahnarztpraxis",
                "dentiste",
                "dentistes",
                "chirurgien dentiste",
                "dentista",
                "dentistas",
                "odontólogo",
                "歯医者",
                "歯科",
                "歯科医院",
                "οδοντίατρος",
                "οδοντίατροι",
                "стоматолог",
                "стоматолози",
                "зубар",
                "दंत चिकित्सक",
                "tooth doctor",
                "cosmetic dentist",
                "cosmetic dentists",
                "family dentist",
                "family dentists",
            ],
            Self::Orthodontist => &[
                "orthodontist",
                "orthodontists",
                "orthodontics",
                "braces",
                "kieferorthopäde",
                "kieferorthopäden",
                "kieferorthopädie",
                "orthodontiste",
                "orthodontistes",
                "ortodoncista",
                "ortodoncistas",
                "ortodoncia",
                "矯正歯科",
                "ορθοδοντικός",
                "ορθοδοντικοί",
                "ортодонт",
                "ортодонти",
                "invisalign",
            ],
            Self::DentalClinic => &[
                "dental clinic",
                "dental clinics",
                "dental centre",
                "dental centres",
                "dental center",
                "dental hospital",
                "zahnklinik",
                "zahnkliniken",
                "clinique dentaire",
                "centre dentaire",
                "cliniques dentaires",
                "clínica dental",
                "clinica dental",
                "clínicas dentales",
                "歯科クリニック",
                "デンタルクリニック",
                "οδοντιατρική κλινική",
                "стоматолошка ординација",
                "dental studio",
            ],
            Self::Restaurant => &[
                "restaurant",
                "restaurants",
                "gasthaus",
                "restaurante",
                "restaurantes",
                "レストラン",
                "食堂",
                "εστιατόριο",
                "εστιατόρια",
                "ταβέρνα",
                "ресторан",
                "ресторани",
                "places to eat",
            ],
            Self::LawFirm => &[
                "law firm",
                "law firms",
                "lawyer",
                "lawyers",
                "solicitor",
                "solicitors",
                "attorney",
                "attorneys",
                "rechtsanwalt",
                "rechtsanwälte",
                "kanzlei",
                "avocat",
                "avocats",
                "cabinet d'avocats",
                "abogado",
                "abogados",
                "弁護士",
                "法律事務所",
                "δικηγόρος",
                "δικηγόροι",
                "адвокат",
                "адвокати",
            ],
            Self::Hotel => &[
                "hotel",
                "hotels",
                "hôtel",
                "hôtels",
                "hotel garni",
                "hoteles",
                "ホテル",
                "旅館",
                "ξενοδοχείο",
                "ξενοδοχεία",
                "хотел",
                "хотели",
            ],
            Self::Shop => &[
                "shop",
                "shops",
                "gift shop",
                "gift shops",
                "store",
                "stores",
                "boutique",
                "geschenkeladen",
                "laden",
                "läden",
                "magasin",
                "tienda",
                "tiendas",
                "雑貨店",
                "κατάστημα",
                "καταστήματα",
                "продавница",
                "продавнице",
            ],
            Self::Physiotherapist => &[
                "physiotherapist",
                "physiotherapists",
                "physiotherapy",
                "physio",
                "physical therapist",
                "physical therapy",
                "physiotherapie",
                "physiotherapeut",
                "kinésithérapeute",
                "kinésithérapeutes",
                "fisioterapeuta",
                "fisioterapeutas",
                "fisioterapia",
                "整体院",
                "理学療法",
                "φυσικοθεραπευτής",
                "φυσικοθεραπευτήριο",
                "физиотерапеут",
                "физиотерапија",
            ],
            Self::Salon => &[
                "salon",
                "salons",
                "hair salon",
                "hair salons",
                "hairdresser",
                "hairdressers",
                "friseur",
                "friseure",
                "coiffeur",
                "coiffeurs",
                "peluquería",
                "peluquerías",
                "peluqueria",
                "美容院",
                "美容室",
                "κομμωτήριο",
                "κομμωτήρια",
                "фризер",
                "фризерски салон",
            ],
            Self::Accountant => &[
                "accountant",
                "accountants",
                "accounting",
                "accounting firm",
                "bookkeeper",
                "steuerberater",
                "expert-comptable",
                "experts-comptables",
                "contador",
                "contadores",
                "asesoría fiscal",
                "税理士",
                "会計事務所",
                "λογιστής",
                "λογιστικό γραφείο",
                "рачуновођа",
                "књиговодство",
            ],
        }
    }
}
