//! Checks that are made out of the catalogue: whether the tables are those of this program, with the rows that `_loaded` names, and
//! their values what their columns promise: BLOBs of the right width, amounts without a sign, NULL only where it is allowed. The
//! other checks read the values, and go by it that they can.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use blockmill_schemas::{Dataset, sql};
use duckdb::Connection;
use duckdb::arrow::datatypes::{DataType, Field};

/// The name of a check that is made out of the catalogue, and what should hold.
pub type OwnCheck = (&'static str, &'static str);

/// Columns, their types, and which of them can be NULL.
pub(crate) const COLUMNS: OwnCheck =
    ("tables_have_their_columns", "every table has the columns that this version of the program makes");

/// The check of widths, signs and NULLs.
pub(crate) const VALUES: OwnCheck = (
    "values_have_their_form",
    "hashes have 32 bytes, addresses 20 and blooms 256, amounts no sign and one form, and nothing is NULL that cannot be",
);

/// The check of how many rows there are.
pub(crate) const COUNTS: OwnCheck =
    ("loaded_rows_match_tables", "every table holds as many rows as its loaded units say");

/// The check of where they are.
pub(crate) const REACHES: OwnCheck =
    ("rows_lie_in_loaded_ranges", "no table holds a row of a block that its loaded units do not cover");

/// Checks of every database that no file in `schemas/checks` has.
pub const OWN_CHECKS: [OwnCheck; 4] = [COLUMNS, VALUES, COUNTS, REACHES];

/// 10^38-1 as 32 bytes: up to here an amount stands in its column, above in the twin.
const MOST_DECIMAL: &str = "unhex('000000000000000000000000000000004B3B4CA85A86C47A098A223FFFFFFFFF')";

/// Columns that travel as byte strings of any length, and when one has not the width that it should have.
const OPCODE_WIDTHS: [(&str, &str); 2] = [
    ("address", "octet_length(address) <> 20"),
    ("stack", "len(list_filter(stack, lambda word: octet_length(word) <> 32)) > 0"),
];

/// The rows of all tables with a value that its column does not promise.
pub(crate) fn malformed_rows() -> String {
    of_each_dataset(malformed_rows_of)
}

/// The tables that do not have as many rows as `_loaded` says.
pub(crate) fn miscounted_tables() -> String {
    let counted =
        of_each_dataset(|dataset| format!("SELECT '{dataset}' AS dataset, count(*) AS rows FROM {dataset}"));
    format!(
        "WITH counted AS ({counted}),
         loaded AS (SELECT dataset, sum(rows) AS rows FROM _loaded GROUP BY dataset)
         SELECT dataset, counted.rows AS rows, coalesce(loaded.rows, 0) AS expected
         FROM counted LEFT JOIN loaded USING (dataset)
         WHERE counted.rows <> coalesce(loaded.rows, 0)"
    )
}

/// The tables with rows of blocks that `_loaded` does not name.
pub(crate) fn tables_beyond_their_units() -> String {
    let seen = of_each_dataset(|dataset| {
        format!(
            "SELECT '{dataset}' AS dataset, min(block_number) AS first_block, max(block_number) AS last_block FROM {dataset}"
        )
    });
    format!(
        "WITH seen AS ({seen}),
         reach AS (SELECT dataset, min(start_block) AS start_block, max(end_block) AS end_block FROM _loaded GROUP BY dataset)
         SELECT dataset, first_block, last_block, start_block, end_block
         FROM seen LEFT JOIN reach USING (dataset)
         WHERE first_block IS NOT NULL
             AND (start_block IS NULL OR first_block < start_block OR last_block >= end_block)"
    )
}

fn of_each_dataset(select: impl FnMut(Dataset) -> String) -> String {
    Dataset::ALL.map(select).join("\nUNION ALL\n")
}

fn malformed_rows_of(dataset: Dataset) -> String {
    let schema = dataset.arrow_schema();
    let fields = schema.fields();
    let transaction = match fields.iter().any(|field| field.name() == "transaction_index") {
        true => "transaction_index",
        false => "NULL::UINTEGER AS transaction_index",
    };
    let mut cases: Vec<_> = fields
        .iter()
        .filter_map(|field| Some(case(field.name(), &malformed(field, &quoted(field.name()), 0)?)))
        .collect();
    if dataset == Dataset::Opcodes {
        cases.extend(OPCODE_WIDTHS.map(|(column, is_malformed)| case(column, is_malformed)));
    }
    let twins = fields.windows(2).filter(|pair| *pair[1].name() == format!("{}_u256", pair[0].name()));
    cases.extend(twins.map(|pair| {
        let (value, twin) = (quoted(pair[0].name()), quoted(pair[1].name()));
        case(
            pair[1].name(),
            &format!("{twin} IS NOT NULL AND {value} IS NOT NULL OR {twin} <= {MOST_DECIMAL}"),
        )
    }));
    format!(
        "SELECT '{dataset}' AS dataset, block_number, transaction_index, malformed AS column_name
         FROM (SELECT block_number, {transaction}, CASE {} END AS malformed FROM {dataset})
         WHERE malformed IS NOT NULL",
        cases.join(" ")
    )
}

fn case(column: &str, is_malformed: &str) -> String {
    format!("WHEN {is_malformed} THEN '{column}'")
}

fn quoted(column: &str) -> String {
    format!("\"{column}\"")
}

/// The condition under which a value is not what its field promises; `None` where every value of the type is. `depth` tells the
/// items of lists within lists apart.
fn malformed(field: &Field, value: &str, depth: usize) -> Option<String> {
    let is_null = (!field.is_nullable()).then(|| format!("{value} IS NULL"));
    let is_other = match field.data_type() {
        DataType::FixedSizeBinary(width) => Some(format!("octet_length({value}) <> {width}")),
        DataType::Decimal128(..) => Some(format!("{value} < 0")),
        DataType::Timestamp(..) => Some(format!("{value} < TIMESTAMP '1970-01-01' OR NOT isfinite({value})")),
        DataType::List(items) => {
            let item = format!("item_{depth}");
            let is_malformed = malformed(items, &item, depth + 1)?;
            Some(format!("len(list_filter({value}, lambda {item}: {is_malformed})) > 0"))
        }
        DataType::Struct(fields) => {
            let of_field = |field: &std::sync::Arc<Field>| {
                malformed(field, &format!("{value}.{}", quoted(field.name())), depth)
            };
            Some(fields.iter().filter_map(of_field).collect::<Vec<_>>().join(" OR "))
        }
        _ => None,
    };
    let conditions: Vec<_> = is_null.into_iter().chain(is_other).filter(|text| !text.is_empty()).collect();
    (!conditions.is_empty()).then(|| format!("({})", conditions.join(" OR ")))
}

/// Tables and their columns in order, each with its type.
type Columns = BTreeMap<(String, u32), (String, String)>;

/// Columns that are not as this version makes them, as `table.column` and what is there.
pub(crate) fn other_columns(connection: &Connection) -> duckdb::Result<Vec<String>> {
    let (expected, found) = (expected_columns()?, columns_of(connection)?);
    let all: std::collections::BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let differing = all.into_iter().filter(|place| expected.get(*place) != found.get(*place));
    let describe = |column: Option<&(String, String)>| {
        column.map_or_else(|| "nothing".to_owned(), |(name, data_type)| format!("{name} {data_type}"))
    };
    let line = |place: &(String, u32)| {
        let (table, index) = place;
        let (found, expected) = (describe(found.get(place)), describe(expected.get(place)));
        format!("table={table}, column_index={index}, found={found}, expected={expected}")
    };
    Ok(differing.map(line).collect())
}

/// The columns of a new database; computed once.
fn expected_columns() -> duckdb::Result<&'static Columns> {
    static EXPECTED: OnceLock<Columns> = OnceLock::new();
    if let Some(columns) = EXPECTED.get() {
        return Ok(columns);
    }
    let connection = Connection::open_in_memory()?;
    let tables = Dataset::ALL.map(Dataset::ddl).join("\n");
    connection.execute_batch(&format!("SET threads = 1;\n{}\n{tables}", sql::BOOKKEEPING))?;
    let columns = columns_of(&connection)?;
    Ok(EXPECTED.get_or_init(|| columns))
}

/// The columns of this program's tables: others may be beside them.
fn columns_of(connection: &Connection) -> duckdb::Result<Columns> {
    let ours = Dataset::ALL.map(|dataset| format!("'{dataset}'")).join(", ");
    let select = format!(
        "SELECT table_name, column_index::UINTEGER, column_name,
             data_type || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END
         FROM duckdb_columns()
         WHERE database_name = current_database() AND schema_name = 'main'
             AND table_name IN ({ours}, '_loaded', '_meta')"
    );
    let mut statement = connection.prepare(&select)?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?))))?;
    rows.collect()
}
