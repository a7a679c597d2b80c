//! G.711 A-law: a sample of 16 bits as a byte, the way heart sounds are kept and answered. It knows
//! neither rates nor files, and makes no bytes smaller than they are: `raw` does.

/// Even bits are inverted on the wire.
const INVERTED: u8 = 0x55;
/// Set in what is not negative.
const SIGN: u8 = 0x80;

/// The byte of a sample.
pub fn encode(sample: i16) -> u8 {
    // One's complement: so many steps below zero as above it.
    let magnitude = (if sample < 0 { !sample } else { sample }).cast_unsigned() >> 3;
    let code = if magnitude < 32 {
        magnitude >> 1
    } else {
        let segment = (u16::BITS - magnitude.leading_zeros()) - 5;
        (segment as u16) << 4 | (magnitude >> segment) & 0x0f
    };
    code as u8 ^ INVERTED ^ if sample < 0 { 0 } else { SIGN }
}

/// The sample in the middle of a byte's step.
pub fn decode(byte: u8) -> i16 {
    let code = byte ^ INVERTED;
    let segment = (code >> 4) & 0x07;
    let step = (i16::from(code & 0x0f) << 4) + 8;
    // The first two segments have steps of one height, each further one of twice the height.
    let magnitude = if segment == 0 { step } else { (step + 256) << (segment - 1) };
    if code & SIGN == 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn digest(bytes: impl IntoIterator<Item = u8>) -> String {
        let bytes: Vec<u8> = bytes.into_iter().collect();
        Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn samples_become_the_bytes_of_the_standard() {
        let known = [
            (&[0, 1, 8, 15][..], 0xd5, 8),
            (&[-1, -8, -16], 0x55, -8),
            (&[16], 0xd4, 24),
            (&[-17], 0x54, -24),
            (&[100], 0xd3, 104),
            (&[-100], 0x53, -104),
            (&[255], 0xda, 248),
            (&[256], 0xc5, 264),
            (&[1_000], 0xfa, 1_008),
            (&[-1_000], 0x7a, -1_008),
            (&[3_210], 0x9c, 3_264),
            (&[4_096], 0x85, 4_224),
            (&[8_191], 0x8a, 8_064),
            (&[16_384], 0xa5, 16_896),
            (&[i16::MAX], 0xaa, 32_256),
            (&[i16::MIN], 0x2a, -32_256),
        ];
        for (samples, byte, back) in known {
            for sample in samples {
                assert_eq!(encode(*sample), byte, "{sample}");
            }
            assert_eq!(decode(byte), back, "{byte:02x}");
        }
    }

    #[test]
    fn bytes_become_the_samples_of_the_standard() {
        let first = [-5504, -5248, -6016, -5760, -4480, -4224, -4992, -4736];
        let quiet = [-88, -72, -120, -104, -24, -8, -56, -40];
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(decode), first);
        assert_eq!([0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57].map(decode), quiet);
    }

    #[test]
    fn every_byte_is_the_byte_of_its_own_sample() {
        assert!((0..=u8::MAX).all(|byte| encode(decode(byte)) == byte));
    }

    #[test]
    fn all_of_it_is_as_others_have_it() {
        assert_eq!(
            digest((0..=u8::MAX).flat_map(|byte| decode(byte).to_le_bytes())),
            "e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174",
        );
        assert_eq!(
            digest((i16::MIN..=i16::MAX).map(encode)),
            "38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b",
        );
    }
}
