/** What every other catalogue must have, no more and no less: the keys of the English one. */
export type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> }
