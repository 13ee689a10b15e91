/** How the note of a skip begins that is no fault even where everything is required. */
export const OPTIONAL_SKIP = 'optional';
