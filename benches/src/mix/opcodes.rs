//! How often each opcode ran, and opcodes by family.

/// What an opcode is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Arithmetic, comparison, bits.
    Arithmetic,
    /// `KECCAK256`.
    Keccak,
    /// What is known of the transaction, its input, other accounts and the block.
    Environment,
    /// Reads, writes and copies of memory.
    Memory,
    /// Storage and transient storage.
    Storage,
    /// Push, pop, duplicate, swap.
    Stack,
    /// Jumps and where they may go.
    Jump,
    /// Logs.
    Log,
    /// Calls and creations.
    Call,
    /// What ends a frame, and bytes that are no opcode.
    End,
}

impl Family {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Arithmetic, "arithmetic, comparison, bits"),
        (Self::Keccak, "keccak256"),
        (Self::Environment, "environment"),
        (Self::Memory, "memory"),
        (Self::Storage, "storage"),
        (Self::Stack, "stack (push, pop, dup, swap)"),
        (Self::Jump, "jumps"),
        (Self::Log, "logs"),
        (Self::Call, "calls and creations"),
        (Self::End, "ends"),
    ];

    /// The family of an opcode.
    pub fn of(opcode: u8) -> Self {
        match opcode {
            0x01..=0x1e => Self::Arithmetic,
            0x20 => Self::Keccak,
            0x30..=0x4b | 0x58..=0x5a => Self::Environment,
            0x51..=0x53 | 0x5e => Self::Memory,
            0x54 | 0x55 | 0x5c | 0x5d => Self::Storage,
            0x50 | 0x5f..=0x9f => Self::Stack,
            0x56 | 0x57 | 0x5b => Self::Jump,
            0xa0..=0xa4 => Self::Log,
            0xf0..=0xf2 | 0xf4 | 0xf5 | 0xfa => Self::Call,
            _ => Self::End,
        }
    }
}

/// How often each opcode ran.
#[derive(Debug, Clone)]
pub struct OpcodeCounts([u64; 256]);

impl Default for OpcodeCounts {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl OpcodeCounts {
    pub(super) fn add(&mut self, opcode: u8) {
        self.0[usize::from(opcode)] += 1;
    }

    /// How often this one ran.
    pub fn of(&self, opcode: u8) -> u64 {
        self.0[usize::from(opcode)]
    }

    /// How often those of a family ran.
    pub fn of_family(&self, family: Family) -> u64 {
        let members = (0..=u8::MAX).filter(|opcode| Family::of(*opcode) == family);
        members.map(|opcode| self.of(opcode)).sum()
    }

    /// How many instructions ran.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use revm::bytecode::opcode::*;

    #[test]
    fn families_share_out_all_opcodes() {
        let mut counts = OpcodeCounts::default();
        (0..=u8::MAX).for_each(|opcode| counts.add(opcode));
        let of_all: u64 = Family::ALL.iter().map(|(family, _)| counts.of_family(*family)).sum();
        assert_eq!((of_all, counts.total()), (256, 256));
        for (opcode, family) in [
            (SIGNEXTEND, Family::Arithmetic),
            (CLZ, Family::Arithmetic),
            (BLOBBASEFEE, Family::Environment),
            (GAS, Family::Environment),
            (MCOPY, Family::Memory),
            (TSTORE, Family::Storage),
            (POP, Family::Stack),
            (PUSH0, Family::Stack),
            (SWAP16, Family::Stack),
            (JUMPDEST, Family::Jump),
            (LOG4, Family::Log),
            (CREATE2, Family::Call),
            (STOP, Family::End),
            (SELFDESTRUCT, Family::End),
        ] {
            assert_eq!(Family::of(opcode), family, "{opcode:#x}");
        }
    }
}
