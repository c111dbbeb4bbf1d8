import { expect, test } from 'vitest'
import { passlibHash } from './password.ts'

/** Made by passlib 1.7: `pbkdf2_sha512.using(rounds=…, salt=…).hash(…)`; fewer rounds for what was generated. */
test.each([
  [
    'Sésame, ouvre-toi!',
    Buffer.from(Array.from({ length: 16 }, (_, i) => i)),
    '$pbkdf2-sha512$25000$AAECAwQFBgcICQoLDA0ODw$iGHGyPMWyolPFL.OuR4OMeTN.3jaL6JcDQJayEoIYq0cGdhSV1b5N/tOMC0chhF/1.jM2H82NUObDpQ9skZ8Zw',
  ],
  [
    'x',
    Buffer.alloc(16, 255),
    '$pbkdf2-sha512$25000$/////////////////////w$Wm9u5dpcyz6zq7Snxaq3s3kvVvOabSIvI6CUa5x7S3O7ctETxBx7MCWTHjVdBvZkyNOL7H73DAGxASmXKjEXWw',
  ],
  [
    'a_generated-password-of24',
    Buffer.alloc(16, 7),
    '$pbkdf2-sha512$1000$BwcHBwcHBwcHBwcHBwcHBw$A.EllBO9PvwZymQeliA2waS8Af6t4rmU/SgPn.r.ui/H4DtYoB9C8cGQyZRkvvQVU9X95Mzjmo2Gbz1oqz4GwQ',
  ],
])('%s as passlib hashes it', async (password, salt, hash) => {
  expect(await passlibHash(password, salt)).toBe(hash)
})
