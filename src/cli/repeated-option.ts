import { Option } from 'commander';

/** An option whose values are alternatives: it may be given again. */
export class RepeatedOption extends Option {}
