//! How sure we are that an address reaches the business, from the evidence.
//!
//! | Step | Evidence | Confidence |
//! |---|---|---|
//! | 1. who found it | the site's own pages | as the extractor says: 0.15 to 0.97 by domain, place and kind |
//! | | the source's record | 0.60 |
//! | | a contact service that is *s* sure | 0.20 + 0.60 · *s* |
//! | | nobody says | 0.50 |
//! | 2. domain, unless the site's pages said it | the business's own | + 0.05 |
//! | | free mail | ± 0 |
//! | | another company's | − 0.20 |
//! | 3. agreement | a second finder of another kind | + 0.05 |
//! | 4. person | called like a person who is named on the site or by a service | + 0.03 |
//! | 5. verification | `valid` | takes three quarters of the doubt that is left |
//! | | `accept_all` | at most 0.85 |
//! | | `webmail` | at most 0.80 |
//! | | `unknown`, or not looked at | at most 0.90, unless it stands on the site |
//! | | `invalid`, `disposable` | 0 |

use hunter_contracts::{Score, Verification};

/// Who found an address first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Finder {
    /// The site's pages, with the extractor's confidence.
    Site(Score),
    /// The record of discovery's source.
    Record,
    /// A contact service, with its own confidence.
    Service(Score),
    /// It came with the call.
    Caller,
}

/// Whose domain an address is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// The business's.
    Own,
    /// A provider's of free mailboxes.
    Free,
    /// Another company's, or the business has none that we know.
    Other,
}

/// What speaks for an address.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Signals {
    pub(crate) finder: Finder,
    pub(crate) domain: Domain,
    /// Whether a second finder of another kind names it.
    pub(crate) agreed: bool,
    /// Whether it is called like a person who is named.
    pub(crate) person: bool,
    pub(crate) verification: Verification,
}

impl Signals {
    /// The table above.
    pub(crate) fn confidence(&self) -> Score {
        let on_page = matches!(self.finder, Finder::Site(_));
        let mut sure = match self.finder {
            Finder::Site(extractor) => extractor.get(),
            Finder::Record => 0.60,
            Finder::Service(service) => 0.20 + 0.60 * service.get(),
            Finder::Caller => 0.50,
        };
        if !on_page {
            sure += match self.domain {
                Domain::Own => 0.05,
                Domain::Free => 0.0,
                Domain::Other => -0.20,
            };
        }
        if self.agreed {
            sure += 0.05;
        }
        if self.person {
            sure += 0.03;
        }
        let sure = sure.clamp(0.0, 1.0);
        Score::clamped(match self.verification {
            Verification::Valid => sure + (1.0 - sure) * 0.75,
            Verification::AcceptAll => sure.min(0.85),
            Verification::Webmail => sure.min(0.80),
            Verification::Unknown if on_page => sure,
            Verification::Unknown => sure.min(0.90),
            Verification::Invalid | Verification::Disposable => 0.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Verification; 6] = [
        Verification::Valid,
        Verification::AcceptAll,
        Verification::Webmail,
        Verification::Unknown,
        Verification::Invalid,
        Verification::Disposable,
    ];

    #[test]
    fn confidence_follows_the_table() {
        let score = Score::clamped;
        let table = [
            // finder, domain, agreed, person, verification, confidence
            (
                Finder::Site(score(0.95)),
                Domain::Own,
                false,
                false,
                Verification::Unknown,
                0.95,
            ),
            (
                Finder::Site(score(0.95)),
                Domain::Own,
                true,
                true,
                Verification::Unknown,
                1.0,
            ),
            (
                Finder::Site(score(0.80)),
                Domain::Own,
                false,
                false,
                Verification::Valid,
                0.95,
            ),
            (
                Finder::Site(score(0.75)),
                Domain::Free,
                false,
                false,
                Verification::Webmail,
                0.75,
            ),
            (
                Finder::Site(score(0.95)),
                Domain::Own,
                false,
                false,
                Verification::AcceptAll,
                0.85,
            ),
            (
                Finder::Site(score(0.95)),
                Domain::Own,
                false,
                false,
                Verification::Invalid,
                0.0,
            ),
            (
                Finder::Record,
                Domain::Own,
                false,
                false,
                Verification::Unknown,
                0.65,
            ),
            (
                Finder::Record,
                Domain::Free,
                false,
                false,
                Verification::Webmail,
                0.60,
            ),
            (
                Finder::Record,
                Domain::Other,
                false,
                false,
                Verification::Unknown,
                0.40,
            ),
            (
                Finder::Caller,
                Domain::Own,
                false,
                false,
                Verification::Unknown,
                0.55,
            ),
            (
                Finder::Service(score(0.90)),
                Domain::Own,
                false,
                false,
                Verification::Unknown,
                0.79,
            ),
            (
                Finder::Service(score(0.90)),
                Domain::Own,
                false,
                true,
                Verification::Valid,
                0.955,
            ),
            (
                Finder::Service(score(1.0)),
                Domain::Own,
                true,
                true,
                Verification::Unknown,
                0.90,
            ),
            (
                Finder::Service(score(0.0)),
                Domain::Other,
                false,
                false,
                Verification::Unknown,
                0.0,
            ),
            (
                Finder::Service(score(1.0)),
                Domain::Own,
                false,
                false,
                Verification::Disposable,
                0.0,
            ),
        ];
        for (finder, domain, agreed, person, verification, expected) in table {
            let signals = Signals {
                finder,
                domain,
                agreed,
                person,
                verification,
            };
            let found = signals.confidence().get();
            assert!((found - expected).abs() < 0.001, "{signals:?}: {found}");
        }
    }

    #[test]
    fn unknown_is_never_valid() {
        for sure in [0.0, 0.3, 0.6, 0.9, 0.99] {
            for finder in [
                Finder::Site(Score::clamped(sure)),
                Finder::Service(Score::clamped(sure)),
            ] {
                let of = |verification| {
                    let (domain, agreed, person) = (Domain::Own, false, false);
                    let signals = Signals {
                        finder,
                        domain,
                        agreed,
                        person,
                        verification,
                    };
                    signals.confidence()
                };
                for other in EVERY.into_iter().skip(1) {
                    assert!(of(other) < of(Verification::Valid), "{finder:?} {other:?}");
                }
            }
        }
    }
}
