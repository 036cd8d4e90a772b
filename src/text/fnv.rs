//! FNV-1a with 64 bits: a hash that is the same on every platform and in every version.

/// The hash of bytes. Machines of one run may have different versions of this program: what it
/// returns may never change.
#[must_use]
pub fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_hash_of_a_name_is_the_same_for_ever() {
        assert_eq!(hash([]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("billing/double-charge@downtown".bytes()), 0x16e8_b317_77cf_d581);
        assert_eq!(hash("größe".bytes()), 0xb745_0e1e_f581_40da);
    }
}
