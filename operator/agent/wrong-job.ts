/** The Job itself is wrong: nothing heals it but another Job. One sentence for its log; exit code 2. */
export class WrongJob extends Error {}
