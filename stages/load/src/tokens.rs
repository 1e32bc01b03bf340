//! The derived table `tokens`: candidates come out of the tables, rows from a caller that asks the contracts.

use alloy::primitives::{Address, U256};
use blockmill_chain::BlockRange;
use blockmill_schemas::sql::{DERIVED, Derivation, TOKENS};
use duckdb::{Connection, Row, params};

use crate::database::Database;
use crate::derive::{Derived, DerivedOutcome, note, set_range};
use crate::error::LoadError;

/// A contract that may be a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCandidate {
    /// The address of the contract.
    pub address: Address,
    /// The standard that its logs or its code speak for: `erc20`, `erc721` or `erc1155`.
    pub standard: String,
    /// Some holders, with what each should have by the transfers.
    pub holders: Vec<Holder>,
}

/// What the transfers left a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The address of the holder.
    pub address: Address,
    /// The balance in smallest units of the token.
    pub balance: i128,
}

/// A row of `tokens`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The address of the contract.
    pub address: Address,
    /// `erc20`, `erc721` or `erc1155`.
    pub standard: String,
    /// The contract's answer to `name()`.
    pub name: Option<String>,
    /// The contract's answer to `symbol()`.
    pub symbol: Option<String>,
    /// The contract's answer to `decimals()`.
    pub decimals: Option<u8>,
    /// The contract's answer to `totalSupply()`, in smallest units.
    pub total_supply: Option<U256>,
    /// Whether `balanceOf()` agrees with the transfers, for the holders that were asked about.
    pub balances_agree: Option<bool>,
}

/// Candidates that are read together: bounds what is held in memory.
const PAGE: u64 = 1_024;

impl Database {
    /// The last block for which `tokens` could be made now; `None` where there is nothing to do.
    pub fn tokens_wanted(&self) -> Result<Option<u64>, LoadError> {
        Ok(self.blocks_to_derive(&TOKENS)?.ok().map(|range| range.end - 1))
    }

    /// Makes the table `tokens` anew, if there are more blocks than it was made from. `ask` makes rows of candidates, a page
    /// at a time; where it fails the table is what it was.
    pub fn derive_tokens<E: From<LoadError>>(
        &mut self,
        ask: impl FnMut(&[TokenCandidate]) -> Result<Vec<Token>, E>,
    ) -> Result<Derived, E> {
        let outcome = match self.blocks_to_derive(&TOKENS)? {
            Ok(range) => self.fill_tokens(range, ask)?,
            Err(outcome) => outcome,
        };
        Ok(derived(outcome))
    }

    fn fill_tokens<E: From<LoadError>>(
        &mut self,
        range: BlockRange,
        mut ask: impl FnMut(&[TokenCandidate]) -> Result<Vec<Token>, E>,
    ) -> Result<DerivedOutcome, E> {
        let balances = DERIVED.iter().find(|table| table.name() == "erc20_balances");
        let has_balances = match balances {
            Some(table) => self.derived_end(table.name())? == Some(range.end),
            None => false,
        };
        let path = self.path().to_path_buf();
        let failed =
            |source| LoadError::of_query(format!("derive tokens from blocks {range}"), &path, source);
        let rows = self.transact(|connection| {
            let candidates = find_candidates(connection, range, has_balances).map_err(failed)?;
            let mut rows = 0;
            for start in (0..candidates).step_by(PAGE as usize) {
                let page = read_candidates(connection, start).map_err(failed)?;
                let tokens = ask(&page)?;
                tokens.iter().try_for_each(|token| insert(connection, token)).map_err(failed)?;
                rows += tokens.len() as u64;
            }
            connection
                .execute_batch("DROP TABLE _candidates; DROP TABLE _holders")
                .and_then(|()| note(connection, &TOKENS, range))
                .map_err(failed)?;
            Ok::<_, E>(rows)
        })?;
        self.checkpoint_file()?;
        Ok(DerivedOutcome::Updated { range, rows })
    }
}

/// The outcome as one of this table.
pub(crate) fn derived(outcome: DerivedOutcome) -> Derived {
    Derived { name: TOKENS.name(), description: TOKENS.description(), outcome }
}

/// Makes the temporary tables, and an empty `tokens`; the number of candidates.
fn find_candidates(connection: &Connection, range: BlockRange, has_balances: bool) -> duckdb::Result<u64> {
    /// No holder's balance is known.
    const NO_HOLDERS: &str =
        "CREATE OR REPLACE TEMP TABLE _holders (address BLOB, holder BLOB, balance DECIMAL(38,0))";
    let table: &Derivation = &TOKENS;
    connection.execute_batch(table.ddl())?;
    set_range(connection, range)?;
    connection.execute_batch(table.candidates())?;
    connection.execute_batch(if has_balances { table.holders() } else { NO_HOLDERS })?;
    connection.execute_batch("DELETE FROM tokens")?;
    connection.query_row("SELECT count(*) FROM _candidates", [], |row| row.get(0))
}

fn read_candidates(connection: &Connection, start: u64) -> duckdb::Result<Vec<TokenCandidate>> {
    const SELECT: &str = "SELECT candidate.address, standard, holder, balance::HUGEINT
        FROM (FROM _candidates WHERE position >= ? AND position < ?) AS candidate
        LEFT JOIN _holders USING (address)
        ORDER BY position, holder";
    let mut statement = connection.prepare(SELECT)?;
    let mut found = statement.query([start, start + PAGE])?;
    let mut candidates: Vec<TokenCandidate> = Vec::new();
    while let Some(row) = found.next()? {
        let address = address(row, 0)?;
        let holder: Option<Vec<u8>> = row.get(2)?;
        if candidates.last().is_none_or(|candidate| candidate.address != address) {
            candidates.push(TokenCandidate { address, standard: row.get(1)?, holders: Vec::new() });
        }
        if let (Some(_), Some(candidate)) = (holder, candidates.last_mut()) {
            candidate.holders.push(Holder { address: self::address(row, 2)?, balance: row.get(3)? });
        }
    }
    Ok(candidates)
}

fn address(row: &Row<'_>, column: usize) -> duckdb::Result<Address> {
    let bytes: Vec<u8> = row.get(column)?;
    Address::try_from(&bytes[..]).map_err(|source| {
        duckdb::Error::FromSqlConversionFailure(column, duckdb::types::Type::Blob, Box::new(source))
    })
}

fn insert(connection: &Connection, token: &Token) -> duckdb::Result<()> {
    const INSERT: &str = "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?::VARCHAR::DECIMAL(38,0), ?, ?)";
    let Token { address, standard, name, symbol, decimals, total_supply, balances_agree } = token;
    let (decimal, large) = total_supply.map_or((None, None), in_two_forms);
    connection.prepare_cached(INSERT)?.execute(params![
        address.as_slice(),
        standard,
        name,
        symbol,
        decimals,
        decimal,
        large,
        balances_agree
    ])?;
    Ok(())
}

/// A number as the two columns have it: what DECIMAL(38,0) can hold as text, else its bytes.
fn in_two_forms(value: U256) -> (Option<String>, Option<Vec<u8>>) {
    const DECIMAL_DIGITS: usize = 38;
    let text = value.to_string();
    match text.len() <= DECIMAL_DIGITS {
        true => (Some(text), None),
        false => (None, Some(value.to_be_bytes::<32>().to_vec())),
    }
}
