package auth

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

type tokenCase struct {
	name string
	bad  defect
}

// keySetOf publishes these keys only.
func keySetOf(keys ...jose.JSONWebKey) func() any {
	return func() any { return jose.JSONWebKeySet{Keys: keys} }
}

func signatureCases() []tokenCase {
	public := &rightKey().PublicKey
	der, _ := x509.MarshalPKIXPublicKey(public)
	jwk := mustJSON(publicKey("right", public))
	embedded := head("jwk", publicKey("right", &otherKey().PublicKey))
	embedded.sign = signedBy(otherKey())
	unsigned := func(alg string) defect {
		d := head("alg", alg)
		d.token = func(s string) any { return s[:strings.LastIndex(s, ".")+1] }
		return d
	}
	cases := []tokenCase{
		{"01 alg none", unsigned("none")},
		{"01 alg none, signed", head("alg", "none")},
		{"02 None", unsigned("None")}, {"02 NONE", unsigned("NONE")}, {"02 nOnE", unsigned("nOnE")},
		{"03 random signature", defect{sign: func(string) []byte { b := make([]byte, 256); _, _ = rand.Read(b); return b }}},
		{"03 no signature", parts(func(h, p, _ string) string { return h + "." + p + "." })},
		{"04 other key, right kid", defect{sign: signedBy(otherKey())}},
		{"05 key in the header", embedded},
		{"07 HS256 with PEM", withHMAC(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))},
		{"07 HS256 with DER", withHMAC(der)},
		{"07 HS256 with JWK", withHMAC(jwk)},
		{"07 HS256 with the client secret", withHMAC([]byte(ourSecret))},
		{"07 PS256", head("alg", "PS256")}, {"07 RS512", head("alg", "RS512")}, {"07 no alg", head("alg", nil)},
		{"07 ES256 with the RSA key's name", head("alg", "ES256")},
		{"08 kid missing, two keys", defect{header: func(h dict) { delete(h, "kid") }}},
		{"08 kid as number", head("kid", 1)},
		{"08 kid empty", head("kid", "")},
		{"26 two parts", parts(func(h, p, _ string) string { return h + "." + p })},
		{"26 four parts", issued(func(s string) any { return s + ".x" })},
		{"26 trailing dot", issued(func(s string) any { return s + "." })},
		{"26 five parts", issued(func(string) any { return base64url([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + ".eA.eA.eA.eA" })},
		{"26 JSON serialisation", parts(func(h, p, s string) string {
			return fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, h, p, s)
		})},
		{"29 padding", parts(func(h, p, s string) string { return h + "." + p + "." + s + "==" })},
		{"29 plus and slash", parts(func(h, p, s string) string {
			return h + "." + p + "." + strings.NewReplacer("-", "+", "_", "/").Replace(s) + "+"
		})},
		{"29 line end", parts(func(h, p, s string) string { return h + "." + p + "." + s[:9] + "\n" + s[9:] })},
		{"29 trailing bits", parts(func(h, p, s string) string { return h + "." + p + "." + s[:len(s)-1] + nextLetter(s[len(s)-1]) })},
		{"30 crit", defect{header: func(h dict) { h["crit"], h["moothall"] = []string{"moothall"}, 1 }}},
		{"30 crit empty", head("crit", []string{})},
		{"30 b64 false", defect{header: func(h dict) { h["crit"], h["b64"] = []string{"b64"}, false }}},
		{"30 b64 false, not critical", head("b64", false)},
		{"25 access token", head("typ", "at+jwt")}, {"25 logout token by type", head("typ", "logout+jwt")},
		{"25 type a number", head("typ", 1)},
	}
	for _, kid := range []string{"unknown", "../../etc/passwd", "' or 1=1 --", "RIGHT", "right ", "right\x00"} {
		cases = append(cases, tokenCase{fmt.Sprintf("08 kid %q", kid), head("kid", kid)})
	}
	return cases
}

// nextLetter changes the lowest bit of a base64url letter: with 256 bytes of
// signature the last letter has spare bits, and strict decoding must look at them.
func nextLetter(c byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(letters[strings.IndexByte(letters, c)^1])
}

func claimCases(i *idp) []tokenCase {
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	cases := []tokenCase{
		{"09 exp missing", without("exp")},
		{"11 exp an hour ago", at("exp", -time.Hour)}, {"11 exp 61 seconds ago", at("exp", -61*time.Second)}, {"11 exp now", at("exp", 0)},
		{"12 iat missing", without("iat")}, {"12 iat in the future", at("iat", 2*time.Minute)},
		{"12 iat 11 minutes ago", at("iat", -11*time.Minute)}, {"12 iat a string", claim("iat", "1795521600")},
		{"13 nbf in the future", at("nbf", 2*time.Minute)}, {"13 nbf a string", claim("nbf", "x")},
		{"16 iss missing", without("iss")}, {"16 iss empty", claim("iss", "")}, {"16 iss array", claim("iss", []string{i.issuer})},
		{"17 aud other", claim("aud", "other")}, {"17 aud missing", without("aud")}, {"17 aud empty", claim("aud", "")},
		{"17 aud []", claim("aud", []string{})}, {"17 aud number", claim("aud", 1)}, {"17 aud other case", claim("aud", strings.ToUpper(ourClient))},
		{"18 aud two, azp missing", claim("aud", []string{ourClient, "other"})},
		{"18 aud two, azp other", defect{claims: func(c dict) { c["aud"], c["azp"] = []string{ourClient, "other"}, "other" }}},
		{"19 azp other", claim("azp", "other")}, {"19 azp number", claim("azp", 1)}, {"19 azp null", claim("azp", nil)},
		{"20 sub missing", without("sub")}, {"20 sub empty", claim("sub", "")}, {"20 sub number", claim("sub", 1)},
		{"20 sub array", claim("sub", []string{"ada-1"})}, {"20 sub object", claim("sub", dict{"sub": "ada-1"})},
		{"20 sub of 300 bytes", claim("sub", strings.Repeat("a", 300))}, {"20 sub with NUL", claim("sub", "ada-1\x00")},
		{"20 sub with half a surrogate", payload(func(p string) string { return strings.Replace(p, `"ada-1"`, `"ada-1\ud800"`, 1) })},
		{"22 nonce missing", without("nonce")}, {"22 nonce empty", claim("nonce", "")}, {"22 nonce wrong", claim("nonce", secret())},
		{"22 nonce an array", defect{claims: func(c dict) { c["nonce"] = []any{c["nonce"]} }}},
		{"23 at_hash wrong", claim("at_hash", halfHash("other"))}, {"23 at_hash number", claim("at_hash", 1)}, {"23 at_hash empty", claim("at_hash", "")},
		{"24 c_hash wrong", claim("c_hash", halfHash("other"))},
		{"25 logout token", claim("events", dict{"http://schemas.openid.net/event/backchannel-logout": dict{}})},
		{"25 for access, by Cognito", claim("token_use", "access")}, {"25 for access, by Keycloak", claim("typ", "Bearer")},
		{"27 sub twice", twice("sub", "ben-1")}, {"27 iss twice", twice("iss", "http://other.test")},
		{"27 aud twice", twice("aud", "other")}, {"27 nonce twice", twice("nonce", "other")},
		{"27 sub in capitals beside it", twice("SUB", "ben-1")}, {"27 sub twice, escaped", twice(`s\u0075b`, "ben-1")},
		{"27 sub in capitals alone", payload(func(p string) string { return strings.Replace(p, `"sub"`, `"SUB"`, 1) })},
		{"27 twice inside", claim("address", json.RawMessage(`{"a":1,"a":2}`))},
		{"28 array", payload(func(p string) string { return "[" + p + "]" })}, {"28 string", payload(func(string) string { return `"ada-1"` })},
		{"28 null", payload(func(string) string { return "null" })}, {"28 two objects", payload(func(p string) string { return p + p })},
		{"28 not UTF-8", payload(func(p string) string { return strings.Replace(p, "Ada", "Ad\xff", 1) })},
		{"28 1 MB", claim("name", strings.Repeat("a", 1<<20))}, {"28 10,000 arrays", claim("deep", json.RawMessage(deep))},
		{"28 1,000 arrays", claim("deep", json.RawMessage(deep[9_000:11_000]))},
		{"28 10,000 open arrays", payload(func(string) string { return `{"a":` + strings.Repeat("[", 10_000) })},
	}
	for _, exp := range []string{`"1795521600"`, "-1", "0", "1e400", "1e10", "null", "true", "1795525200.5", "17955252000000000000000", "[]"} {
		cases = append(cases, tokenCase{"10 exp " + exp, numeric("exp", exp)})
	}
	for name, issuer := range issuerVariants(i) {
		cases = append(cases, tokenCase{"15 iss with " + name, claim("iss", issuer)})
	}
	return cases
}

func answerCases(elsewhere string) []tokenCase {
	says := func(kind string, body []byte) defect {
		return defect{answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(body)
		}}
	}
	field := func(name string, value any) defect { return defect{fields: func(a dict) { a[name] = value }} }
	drop := func(name string) defect { return defect{fields: func(a dict) { delete(a, name) }} }
	query := func(f func(q url.Values)) defect { return defect{callback: f} }
	return []tokenCase{
		{"31 userinfo of another", defect{userInfo: func(u dict) { u["sub"] = "ben-1" }}},
		{"31 userinfo of nobody", defect{userInfo: func(u dict) { delete(u, "sub") }}},
		{"31 userinfo in another case", defect{userInfo: func(u dict) { u["sub"] = "Ada-1" }}},
		{"40 wrong verifier", defect{grant: func(g *grant) { g.challenge = "other" }}},
		{"41 not JSON", says("application/json", []byte("<html>"))},
		{"41 a form", says("application/x-www-form-urlencoded", []byte("access_token=a&token_type=bearer&id_token=a.b.c"))},
		{"41 plain text", says("text/plain", []byte("access_token=a&token_type=bearer"))},
		{"41 10 MB", says("application/json", []byte(`{"access_token":"`+strings.Repeat("a", 10<<20)+`"}`))},
		{"41 empty", says("application/json", nil)}, {"41 null", says("application/json", []byte("null"))},
		{"41 slow", defect{answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}},
		{"41 redirect elsewhere", defect{answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		}}},
		{"41 redirect to itself", defect{answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/token", http.StatusTemporaryRedirect)
		}}},
		{"41 error 500", defect{answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }}},
		{"41 not Bearer", field("token_type", "mac")}, {"41 no type", drop("token_type")},
		{"41 id_token a number", field("id_token", 1)}, {"41 no id_token", drop("id_token")},
		{"41 id_token an object", field("id_token", dict{})}, {"41 no access token", drop("access_token")},
		{"45 error and code", query(func(q url.Values) { q.Set("error", "access_denied") })},
		{"45 error alone", query(func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") })},
		{"45 two codes", query(func(q url.Values) { q.Add("code", "x") })},
		{"45 two states", query(func(q url.Values) { q.Add("state", q.Get("state")) })},
		{"45 no code", query(func(q url.Values) { q.Del("code") })}, {"45 no state", query(func(q url.Values) { q.Del("state") })},
		{"46 redirect_uri", query(func(q url.Values) { q.Set("redirect_uri", elsewhere) })},
		{"46 code_verifier", query(func(q url.Values) { q.Set("code_verifier", "x") })},
		{"48 iss wrong", query(func(q url.Values) { q.Set("iss", "http://other.test") })},
		{"48 iss missing", query(func(q url.Values) { q.Del("iss") })},
		{"48 iss empty", query(func(q url.Values) { q.Set("iss", "") })},
	}
}
