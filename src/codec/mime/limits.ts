/**
 * Every bound of the MIME reader in one place. Past a bound the rest is
 * read as an opaque body and a Defect says so; nothing here ever throws.
 */

/** Octets in the header of a whole message: far above anything real, below what would hurt. */
export const HEADER_LIMIT = 512 * 1024;
/** Octets in the header of one part, or of a message inside a message. */
export const PART_HEADER_LIMIT = 64 * 1024;
/** Octets in the headers of all parts together: what a stored structure can grow to. */
export const PART_HEADERS_LIMIT = 1024 * 1024;
/** Fields in one header. */
export const FIELD_LIMIT = 2_000;
/** Octets in a field name; RFC 5322 §2.1.1 allows no line longer. */
export const FIELD_NAME_LIMIT = 998;
/** Multiparts and messages inside one another. */
export const DEPTH_LIMIT = 50;
/** Parts in one message, containers and the root counted. */
export const PART_LIMIT = 1_000;
/** Characters in a boundary; RFC 2046 §5.1.1 allows 70, some mailers use more. */
export const BOUNDARY_LIMIT = 200;
/** Octets in a delimiter line with its padding (RFC 2046 §5.1.1 names no end to the padding). */
export const DELIMITER_LINE_LIMIT = 1_000;
/** Addresses in one list, group marks counted. */
export const ADDRESS_LIMIT = 2_000;
/** Comments inside one another; deeper ones are read as if closed. */
export const COMMENT_DEPTH_LIMIT = 100;
/** Message ids kept from References. */
export const REFERENCE_LIMIT = 1_000;
/** Parameters of one field, RFC 2231 segments counted singly. */
export const PARAMETER_LIMIT = 100;
/** Language tags of one part. */
export const LANGUAGE_LIMIT = 100;
/** Defects kept of one message: enough to explain, too few to be a burden. */
export const DEFECT_LIMIT = 100;
/** Characters of readable text in a preview. */
export const PREVIEW_LENGTH = 200;
/** Octets of a part that are decoded to find a preview; newsletters open with much markup. */
export const PREVIEW_SOURCE_LIMIT = 64 * 1024;
