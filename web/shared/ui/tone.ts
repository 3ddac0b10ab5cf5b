/** What a colour may say. */
export type Tone = 'blue' | 'violet' | 'amber' | 'green' | 'sage' | 'orange' | 'grey' | 'red'
