//! The table of cases and engines in `docs/engines.md`. The engines' own tests
//! (`tests/engines`) hold what it says: they fail where an engine differs and the case does not
//! say so, and where it does not differ any more.

use std::fs;
use std::path::Path;

use crate::case::Case;
use crate::cases;

const BEGIN: &str = "<!-- the table of cases: begin -->\n";
const END: &str = "<!-- the table of cases: end -->\n";
/// The engines that others wrote.
const ENGINES: [&str; 2] = ["moto", "ministack"];

fn table(cases: &[Case]) -> String {
    let mut text = format!("| case | embedded | {} |\n", ENGINES.join(" | "));
    text.push_str("| --- | --- | --- | --- |\n");
    for case in cases {
        let told = ENGINES.map(|engine| match case.deviations.get(engine) {
            Some(reason) => format!("**differs**: {reason}"),
            None => "passed".to_owned(),
        });
        text.push_str(&format!(
            "| `{}` | passed | {} |\n",
            case.name,
            told.join(" | ")
        ));
    }
    let passed = ENGINES.map(|engine| {
        let same = |case: &&Case| !case.deviations.contains_key(engine);
        format!("{} of {}", cases.iter().filter(same).count(), cases.len())
    });
    let all = cases.len();
    text.push_str(&format!(
        "| **passed** | {all} of {all} | {} |\n",
        passed.join(" | ")
    ));
    text
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to write the table is said to this test alone"
)]
fn the_table_of_engines_is_what_the_cases_say() {
    let cases = cases();
    for engine in cases.iter().flat_map(|case| case.deviations.keys()) {
        assert!(
            ENGINES.contains(&engine.as_str()),
            "unknown engine `{engine}`"
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/engines.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let table = table(&cases);
    if std::env::var("HUNTER_ENGINES_TABLE").is_ok() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "docs/engines.md is not what the cases say: run this test with HUNTER_ENGINES_TABLE=1"
    );
}
