/** Passkeys: what the API begins and ends, with the browser's own parsing and writing of JSON between. */
import { answer } from '@/api/client'
import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  beginPasskeyStepUp,
  type CeremonyOutput,
  type NewPasskeyOutput,
  type SignedInOutput,
  signInWithPasskey,
  stepUpWithPasskey,
  type MadeCredential,
  type UsedCredential,
} from '@/api/generated'

/** Browsers make passkeys for names, never for bare IP addresses. */
export function canUsePasskeys(): boolean {
  const knowsJson = typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
  return knowsJson && !/^[\d.]+$|:/.test(globalThis.location.hostname)
}

export async function signInByPasskey(): Promise<SignedInOutput> {
  const ceremony = await answer(beginPasskeySignIn())
  return answer(signInWithPasskey({ body: { ceremony_id: ceremony.ceremony_id, credential: await assert(ceremony) } }))
}

export async function stepUpByPasskey(): Promise<SignedInOutput> {
  const ceremony = await answer(beginPasskeyStepUp())
  return answer(stepUpWithPasskey({ body: { ceremony_id: ceremony.ceremony_id, credential: await assert(ceremony) } }))
}

export async function makePasskey(name: string): Promise<NewPasskeyOutput> {
  const ceremony = await answer(beginPasskey())
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    ceremony.public_key as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  const made = written<MadeCredential & Written>(await navigator.credentials.create({ publicKey }))
  const { clientDataJSON, attestationObject, transports } = made.response
  const response = { clientDataJSON, attestationObject, ...(transports ? { transports } : {}) }
  const credential = { id: made.id, rawId: made.rawId, type: made.type, response }
  return answer(addPasskey({ body: { ceremony_id: ceremony.ceremony_id, name, credential } }))
}

type Written = Record<string, unknown>

async function assert(ceremony: CeremonyOutput): Promise<UsedCredential> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    ceremony.public_key as unknown as PublicKeyCredentialRequestOptionsJSON,
  )
  const used = written<UsedCredential & Written>(await navigator.credentials.get({ publicKey }))
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response
  const response = { clientDataJSON, authenticatorData, signature, ...(userHandle ? { userHandle } : {}) }
  return { id: used.id, rawId: used.rawId, type: used.type, response }
}

function written<T>(credential: Credential | null): T {
  if (!(credential instanceof PublicKeyCredential)) {
    throw new TypeError('the browser made no credential')
  }
  return credential.toJSON() as T
}
