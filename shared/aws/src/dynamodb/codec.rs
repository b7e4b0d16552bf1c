//! Bodies of items: JSON, compressed, with a checksum.
//!
//! The bytes of a body are a tag, the CRC-32 of the JSON (big-endian), and the content: the JSON
//! itself (tag 0), or raw DEFLATE of it (RFC 1951) with [`DICTIONARY_1`] preset (tag 1). The
//! dictionary holds the field names that every item repeats; without it a single draft hardly
//! compresses, since all its field names occur once.

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};
use hunter_core::store::{StoreError, StoreResult};
use serde::{Serialize, de::DeserializeOwned};

/// The largest body that is stored: DynamoDB takes items of 400 KB, keys and names included.
pub(super) const BODY_BYTES_MAX: usize = 350 * 1024;
/// The largest JSON that a body is unpacked to.
const JSON_BYTES_MAX: usize = 16 * 1024 * 1024;
/// JSON below this size is not worth compressing.
const PLAIN_BYTES_MAX: usize = 64;

const TAG_PLAIN: u8 = 0;
const TAG_DICTIONARY_1: u8 = 1;

/// Frozen: stored bodies cannot be read with another one. A better dictionary gets a new tag. What
/// is most frequent stands last, where references to it are shortest.
const DICTIONARY_1: &[u8] = include_bytes!("dictionary_1.txt");

/// JSON, compressed. `what` names it in the error.
pub(super) fn encode<T: Serialize>(value: &T, what: &str) -> StoreResult<Vec<u8>> {
    let json = serde_json::to_vec(value).map_err(|error| {
        StoreError::damaged(format!("{what} has no JSON form")).caused_by(error)
    })?;
    let mut body = vec![TAG_PLAIN];
    body.extend(crc(&json).to_be_bytes());
    let packed = match json.len() {
        0..=PLAIN_BYTES_MAX => None,
        _ => deflate(&json),
    };
    match packed {
        Some(packed) if packed.len() < json.len() => {
            body = [TAG_DICTIONARY_1]
                .into_iter()
                .chain(body.into_iter().skip(1))
                .collect();
            body.extend(packed);
        }
        _ => body.extend(json),
    }
    if body.len() > BODY_BYTES_MAX {
        let problem = format!(
            "{what} has {} bytes compressed, at most {BODY_BYTES_MAX} are stored: use smaller chunks",
            body.len()
        );
        return Err(StoreError::TooLarge(problem));
    }
    Ok(body)
}

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is empty")]
    Empty,
    #[error("it has no checksum")]
    Unchecked,
    #[error("it cannot be unpacked")]
    Packed,
    #[error("it was written by a newer version, tag {0}")]
    Newer(u8),
    #[error("its checksum is wrong")]
    Changed,
    #[error("it does not fit")]
    Unfit(#[from] serde_json::Error),
}

/// The value of a body, or what is wrong with it.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let Some((&tag, rest)) = body.split_first() else {
        return Err(Unreadable::Empty);
    };
    let Some((checksum, content)) = rest.split_first_chunk::<4>() else {
        return Err(Unreadable::Unchecked);
    };
    let unpacked;
    let json = match tag {
        TAG_PLAIN => content,
        TAG_DICTIONARY_1 => {
            unpacked = inflate(content).ok_or(Unreadable::Packed)?;
            &unpacked
        }
        tag => return Err(Unreadable::Newer(tag)),
    };
    if crc(json).to_be_bytes() != *checksum {
        return Err(Unreadable::Changed);
    }
    Ok(serde_json::from_slice(json)?)
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Raw DEFLATE of `json` as it continues a stream that begins with the dictionary.
fn deflate(json: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Compress::new(Compression::default(), false);
    let mut primed = Vec::with_capacity(DICTIONARY_1.len() * 2 + 1024);
    stream
        .compress_vec(DICTIONARY_1, &mut primed, FlushCompress::Sync)
        .ok()?;
    // All input taken and room left: the flush is complete and ends at a byte.
    if stream.total_in() != DICTIONARY_1.len() as u64 || primed.len() == primed.capacity() {
        return None;
    }
    let mut packed = Vec::with_capacity(json.len() / 3 + 256);
    loop {
        let taken = usize::try_from(stream.total_in()).ok()? - DICTIONARY_1.len();
        let rest = json.get(taken..)?;
        match stream.compress_vec(rest, &mut packed, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => return Some(packed),
            Ok(_) => packed.reserve(packed.capacity().max(256)),
            Err(_) => return None,
        }
    }
}

/// Undoes [`deflate`]: the dictionary goes ahead as a stored block (RFC 1951 §3.2.4).
fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(DICTIONARY_1.len()).ok()?;
    let mut block = vec![0_u8];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(DICTIONARY_1);
    let mut stream = Decompress::new(false);
    let mut primed = Vec::with_capacity(DICTIONARY_1.len() + 64);
    stream
        .decompress_vec(&block, &mut primed, FlushDecompress::None)
        .ok()?;
    if primed != DICTIONARY_1 {
        return None;
    }
    let mut json = Vec::with_capacity(packed.len() * 4 + 256);
    let read_before = stream.total_in();
    loop {
        let (read, written) = (stream.total_in(), json.len());
        let taken = usize::try_from(read - read_before).ok()?;
        let rest = packed.get(taken..)?;
        match stream.decompress_vec(rest, &mut json, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return Some(json),
            Ok(_) if json.len() == json.capacity() && json.len() < JSON_BYTES_MAX => {
                json.reserve(json.capacity());
            }
            Ok(_) if stream.total_in() > read || json.len() > written => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_dictionary_is_frozen() {
        assert_eq!(crc(DICTIONARY_1), DICTIONARY_1_CRC);
        assert!(
            DICTIONARY_1.len() < 32 * 1024,
            "a window of DEFLATE holds 32 KB"
        );
    }
    const DICTIONARY_1_CRC: u32 = 3_671_625_291;

    /// Written by this code once; must be readable for ever.
    #[test]
    fn a_stored_body_stays_readable() {
        let text = r#"{"lead_name":"Praxis am Markt","lead_score":0.87,"model_used":"rules-1"}"#;
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let body = encode(&value, "value").unwrap();
        assert_eq!(body.first(), Some(&TAG_DICTIONARY_1));
        assert_eq!(
            decode::<serde_json::Value>(STORED).unwrap(),
            value,
            "now: {body:?}"
        );
    }
    const STORED: &[u8] = &[
        1, 197, 191, 111, 65, 117, 211, 177, 9, 0, 48, 8, 4, 192, 85, 220, 34, 89, 34, 144, 21,
        190, 12, 193, 70, 45, 4, 151, 183, 22, 113, 134, 227, 162, 232, 93, 129, 63, 37, 48, 29,
        200, 183, 134, 185, 215, 116, 63, 1,
    ];

    #[test]
    fn any_flipped_bit_is_noticed() {
        let value = vec!["A text that is long enough to be compressed".to_owned(); 5];
        let body = encode(&value, "value").unwrap();
        for place in 0..body.len() {
            for bit in 0..8 {
                let mut damaged = body.clone();
                damaged[place] ^= 1 << bit;
                let found = decode::<Vec<String>>(&damaged).ok();
                assert!(
                    found.as_ref().is_none_or(|found| *found == value),
                    "{place}:{bit}"
                );
                assert!(found.is_none() || place > 5, "{place}:{bit}");
            }
        }
        for length in 0..body.len() {
            assert!(decode::<Vec<String>>(&body[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let json = vec![b' '; JSON_BYTES_MAX * 2];
        let packed = deflate(&json).unwrap();
        assert!(packed.len() < BODY_BYTES_MAX);
        assert_eq!(inflate(&packed), None);
    }

    #[test]
    fn what_does_not_compress_and_is_too_large_is_refused() {
        let mut state = 1_u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b' ' + 1 + (state >> 33) as u8 % 90)
        };
        let text: String = (0..BODY_BYTES_MAX * 2).map(|_| noise()).collect();
        let error = encode(&text, "pack `c0001`").unwrap_err();
        assert!(
            matches!(&error, StoreError::TooLarge(m) if m.contains("c0001")),
            "{error}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_text_comes_back(text in "\\PC{0,3000}") {
            let body = encode(&text, "text").unwrap();
            prop_assert_eq!(decode::<String>(&body).unwrap(), text);
        }
    }
}
