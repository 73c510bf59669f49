/** The panels that open beside a board. */
export type Side = "team" | "activity" | "labels" | "archive" | "trash";
