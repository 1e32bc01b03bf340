//! Which argument helps: libraries say what is wrong, and know no arguments.

use std::error::Error;

use blockmill_chain::ForkError;
use blockmill_load::LoadError;
use blockmill_source::SourceError;
use blockmill_trie::TrieError;

/// What to do about an error, or about what it comes from.
pub(crate) fn remedy(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(remedy) = of(error) {
            return Some(remedy);
        }
        next = error.source();
    }
    None
}

fn of(error: &(dyn Error + 'static)) -> Option<&'static str> {
    const CHAIN: &str = "--chain says which chain it is";
    let load = error.downcast_ref().or_else(|| error.downcast_ref::<Box<LoadError>>().map(AsRef::as_ref));
    match (error.downcast_ref(), error.downcast_ref(), load) {
        (
            Some(
                SourceError::OtherGenesis { .. } | SourceError::Rule { .. } | SourceError::AccessList { .. },
            ),
            ..,
        ) => Some(CHAIN),
        (Some(SourceError::Fork { source, .. }), ..) if matches!(**source, ForkError::Undated { .. }) => {
            Some(CHAIN)
        }
        (_, Some(TrieError::Damaged { .. }), _) => {
            Some("run again with --rebuild-trie, which computes all of it anew")
        }
        (.., Some(LoadError::Damaged { .. })) => Some(
            "'blockmill rebuild --tables-only' sets it aside and makes its tables again out of the store",
        ),
        (.., Some(LoadError::Missing { .. })) => Some("'blockmill rebuild' makes one"),
        (.., Some(LoadError::Shortage { .. })) => Some("--memory and --threads say how much and how many"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::CommandError;

    #[test]
    fn an_error_deep_down_is_found() {
        let missing = || LoadError::Missing { path: "x.duckdb".into() };
        let error = CommandError::from(missing());
        assert_eq!(remedy(&error), Some("'blockmill rebuild' makes one"));
        let stage = blockmill_chain::StageError::failed(blockmill_chain::StageId::Load, missing());
        assert_eq!(remedy(&CommandError::Run(stage.into())), Some("'blockmill rebuild' makes one"));
        assert_eq!(remedy(&std::io::Error::other("no")), None);
    }
}
