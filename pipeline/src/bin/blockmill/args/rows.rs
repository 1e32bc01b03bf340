//! What rows hold besides what they always do.

use blockmill_pipeline::RunError;
use blockmill_schemas::Dataset;
use clap::{Args, ValueEnum};

/// The arguments of `rebuild` and `trace` about rows.
#[derive(Debug, Args)]
pub(crate) struct RowArgs {
    /// Keep calls of precompiled contracts in `traces`; parity's trace_block leaves them out
    #[arg(long)]
    pub(crate) precompiles: bool,

    /// What the rows of `opcodes` have besides; goes with that dataset
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) opcodes: Option<OpcodeExtra>,
}

/// What costs so much that it is not in `opcodes` unless asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OpcodeExtra {
    /// The stack before each instruction: ten times the bytes
    Stack,
}

impl RowArgs {
    /// Refuses what does not go with these datasets.
    pub(crate) fn check(&self, datasets: &[Dataset]) -> Result<(), RunError> {
        if self.opcodes.is_some() && !datasets.contains(&Dataset::Opcodes) {
            let reason = "--opcodes goes with the dataset opcodes: write --datasets +opcodes";
            return Err(RunError::Usage(reason.into()));
        }
        Ok(())
    }

    /// Whether the stack is wanted.
    pub(crate) fn opcode_stack(&self) -> bool {
        self.opcodes == Some(OpcodeExtra::Stack)
    }
}
