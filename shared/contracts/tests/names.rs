//! An enum has one name on the wire, whoever writes it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hunter_contracts::{
    Channel, DraftStatus, ErrorCode, Purpose, QualityTier, RecipeId, RejectionKind,
};
use serde::Serialize;
use strum::VariantArray;

fn agree<T>()
where
    T: VariantArray + Serialize + Copy + ToString + Into<&'static str>,
{
    for variant in T::VARIANTS {
        let name: &str = (*variant).into();
        assert_eq!(serde_json::to_value(variant).unwrap(), name);
        assert_eq!(variant.to_string(), name);
    }
}

#[test]
fn names_are_those_of_serde() {
    agree::<Channel>();
    agree::<DraftStatus>();
    agree::<ErrorCode>();
    agree::<Purpose>();
    agree::<QualityTier>();
    agree::<RecipeId>();
    agree::<RejectionKind>();
}
