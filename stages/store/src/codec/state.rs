//! Slot values.

use alloy::primitives::U256;

use crate::RowError;

/// The shortest big-endian form; a zero slot has no row.
pub(crate) fn encode_slot_value(value: U256) -> Vec<u8> {
    value.to_be_bytes_trimmed_vec()
}

pub(crate) fn decode_slot_value(bytes: &[u8]) -> Result<U256, RowError> {
    match bytes.first() {
        None | Some(0) => Err(RowError::SlotValue),
        Some(_) => U256::try_from_be_slice(bytes).ok_or(RowError::SlotValue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::hex;
    use proptest::prelude::*;

    #[test]
    fn a_slot_value_is_as_short_as_it_can_be() {
        assert_eq!(encode_slot_value(U256::from(0x0100)), hex!("0100"));
        assert_eq!(encode_slot_value(U256::MAX), [0xff; 32]);
        for wrong in [&[] as &[u8], &[0], &[0, 1], &[1; 33]] {
            assert_eq!(decode_slot_value(wrong), Err(RowError::SlotValue), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn slot_values_read_back(bytes in any::<[u8; 32]>(), shift in 0usize..256) {
            let value = U256::from_be_bytes(bytes) >> shift;
            prop_assume!(!value.is_zero());
            prop_assert_eq!(decode_slot_value(&encode_slot_value(value)), Ok(value));
        }
    }
}
