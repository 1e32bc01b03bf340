//! SQL expressions that write columns as JSON-RPC writes them.

/// A number as a quantity: hex without leading zeros.
pub(super) fn quantity(number: &str) -> String {
    format!("'0x' || lower(hex(({number})::UHUGEINT))")
}

/// A quantity out of the 0x-text of big-endian bytes.
pub(super) fn quantity_of_bytes(text: &str) -> String {
    format!("'0x' || coalesce(nullif(ltrim(({text})[3:], '0'), ''), '0')")
}

/// What is written as it stands: 0x-text, lists of it, and what the other functions made.
pub(super) fn plain(expression: &str) -> String {
    expression.to_owned()
}

/// An object of fields that are always there, null where they are NULL.
pub(super) fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("'{name}', {value}")).collect();
    format!("json_object({})", fields.join(", "))
}

/// An object with fields more that are absent where they are NULL.
pub(super) fn object_with(fields: &[(&str, String)], if_known: &[(&str, String)]) -> String {
    // RFC 7396: a null of the patch removes the field, one of the target stays.
    format!("json_merge_patch({}, {})", object(fields), object(if_known))
}

/// A list of rows, in an order; empty where there are none.
pub(super) fn list(element: &str, rows: &str, order: &str) -> String {
    format!("(SELECT coalesce(list({element} ORDER BY {order}), []) FROM {rows})")
}
