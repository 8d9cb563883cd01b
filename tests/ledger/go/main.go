// An outsider's verifier of a ledger: other people's Merkle trees and signed notes (golang.org/x/mod/sumdb), and the
// cosignatures that they lack. It shares no line with sekisho.
//
//	outsider log DIR POLICY [CHECKPOINT...]   every entry, hash and signature; DIR goes on from each CHECKPOINT
//	outsider proof FILE POLICY                a .tlog-proof; prints its entry
//	outsider flips DIR POLICY                 flips every bit of every file in turn; prints those that are accepted
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var strict = base64.StdEncoding.Strict()

// A cosigner is a witness's Ed25519 key (C2SP tlog-cosignature).
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hash, key, _ := strings.Cut(rest, "+")
	raw, err := strict.DecodeString(key)
	id, err2 := strconv.ParseUint(hash, 16, 32)
	if err != nil || err2 != nil || len(raw) != 33 || raw[0] != 4 {
		return nil, fmt.Errorf("not the key of a witness: %s", vkey)
	}
	return cosigner{name, uint32(id), raw[1:]}, nil
}

// A policy says whom to believe (C2SP tlog-policy).
type policy struct {
	log     note.Verifier
	known   []note.Verifier
	members map[string][]string
	least   map[string]int
	keys    map[string]note.Verifier
	quorum  string
}

func readPolicy(path string) (*policy, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &policy{members: map[string][]string{}, least: map[string]int{}, keys: map[string]note.Verifier{}}
	for _, line := range strings.Split(string(raw), "\n") {
		w := strings.Fields(line)
		switch {
		case len(w) == 0 || strings.HasPrefix(w[0], "#"):
		case w[0] == "log":
			p.log, err = note.NewVerifier(w[1])
			p.known = append(p.known, p.log)
		case w[0] == "witness":
			p.keys[w[1]], err = newCosigner(w[2])
			p.known = append(p.known, p.keys[w[1]])
		case w[0] == "group":
			p.members[w[1]] = w[3:]
			p.least[w[1]], err = strconv.Atoi(w[2])
		case w[0] == "quorum":
			p.quorum = w[1]
		}
		if err != nil {
			return nil, err
		}
	}
	if p.log == nil || p.quorum == "" {
		return nil, errors.New("a policy names a log and a quorum")
	}
	return p, nil
}

func (p *policy) met(name string, by map[string]bool) bool {
	if key := p.keys[name]; key != nil {
		return by[id(key.Name(), key.KeyHash())]
	}
	count := 0
	for _, one := range p.members[name] {
		if p.met(one, by) {
			count++
		}
	}
	return name == "none" || count >= p.least[name] && count > 0
}

func id(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// checkpoint opens a checkpoint, which the log and, if asked for, the quorum must have signed.
func (p *policy) checkpoint(raw []byte, quorum bool) (tree tlog.Tree, err error) {
	opened, err := note.Open(raw, note.VerifierList(p.known...))
	if err != nil {
		return tree, err
	}
	if p.quorum != "none" && len(opened.UnverifiedSigs) > 0 {
		return tree, errors.New("a stranger's signature")
	}
	by := map[string]bool{}
	for _, sig := range opened.Sigs {
		if _, err := strict.DecodeString(sig.Base64); err != nil {
			return tree, err
		}
		by[id(sig.Name, sig.Hash)] = true
	}
	if !by[id(p.log.Name(), p.log.KeyHash())] || quorum && !p.met(p.quorum, by) {
		return tree, errors.New("not signed by whom it must be")
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != p.log.Name() {
		return tree, errors.New("not a checkpoint of this log")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	hash, err2 := strict.DecodeString(lines[2])
	if err != nil || err2 != nil || len(hash) != tlog.HashSize || lines[1] != strconv.FormatInt(tree.N, 10) {
		return tree, errors.New("not a checkpoint")
	}
	copy(tree.Hash[:], hash)
	return tree, nil
}

// A folder is a log on the disk, with at most one file seen other than it is.
type folder struct {
	path    string
	changed string
	seen    []byte
}

func (f *folder) read(name string) ([]byte, error) {
	if name == f.changed {
		return f.seen, nil
	}
	return os.ReadFile(filepath.Join(f.path, name))
}

// The paths of x/mod name the height of a tile; those of tlog-tiles do not.
func (f *folder) Height() int                         { return 8 }
func (f *folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, one := range tiles {
		raw, err := f.read(strings.Replace(one.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, raw)
	}
	return all, nil
}

func (f *folder) entries(number, size int64) ([][]byte, error) {
	width := size - number*256
	if width > 256 {
		width = 256
	}
	path := tlog.Tile{H: 8, L: 0, N: number, W: int(width)}.Path()
	raw, err := f.read(strings.Replace(path, "tile/8/0/", "tile/entries/", 1))
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(raw) > 1 {
		end := 2 + int(binary.BigEndian.Uint16(raw))
		if end > len(raw) {
			break
		}
		all, raw = append(all, raw[2:end]), raw[end:]
	}
	if int64(len(all)) != width || len(raw) > 0 {
		return nil, fmt.Errorf("entries/%d: not a bundle of %d", number, width)
	}
	return all, nil
}

// verify looks at all of a log: each entry's hash as the tiles give it, authenticated by the signed root.
func (f *folder) verify(p *policy, earlier ...[]byte) (int64, error) {
	raw, err := f.read("checkpoint")
	if err != nil {
		return 0, err
	}
	tree, err := p.checkpoint(raw, false)
	if err != nil || tree.N == 0 {
		return 0, err
	}
	hashes := tlog.TileHashReader(tree, f)
	for number := int64(0); number*256 < tree.N; number++ {
		entries, err := f.entries(number, tree.N)
		if err != nil {
			return 0, err
		}
		var places []int64
		for i := range entries {
			places = append(places, tlog.StoredHashIndex(0, number*256+int64(i)))
		}
		stored, err := hashes.ReadHashes(places)
		if err != nil {
			return 0, err
		}
		for i, one := range entries {
			if tlog.RecordHash(one) != stored[i] {
				return 0, fmt.Errorf("entry %d is not what was logged", number*256+int64(i))
			}
		}
	}
	if witnessed, err := f.read("witnessed"); err == nil {
		earlier = append(earlier, witnessed)
	} else if p.quorum != "none" {
		return 0, err
	}
	for _, raw := range earlier {
		if err := p.goesOn(raw, tree, hashes); err != nil {
			return 0, err
		}
	}
	return tree.N, nil
}

func (p *policy) goesOn(raw []byte, tree tlog.Tree, hashes tlog.HashReader) error {
	before, err := p.checkpoint(raw, true)
	if err != nil || before.N == 0 {
		return err
	}
	if before.N > tree.N {
		return fmt.Errorf("%d entries, and there were %d", tree.N, before.N)
	}
	proof, err := tlog.ProveTree(tree.N, before.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash)
}

func checkProof(raw []byte, p *policy) ([]byte, error) {
	above, below, _ := bytes.Cut(raw, []byte("\n\n"))
	tree, err := p.checkpoint(below, true)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(above), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
		return nil, errors.New("not a proof")
	}
	entry, err := strict.DecodeString(lines[1][len("extra "):])
	if err != nil {
		return nil, err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return nil, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := strict.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return nil, errors.New("not a hash")
		}
		proof = append(proof, *(*tlog.Hash)(hash))
	}
	return entry, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// flips reports the bits that can change unseen.
func (f *folder) flips(p *policy) (count int, err error) {
	return count, filepath.Walk(f.path, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || info.Name() == "lock" {
			return err
		}
		raw, err := os.ReadFile(path)
		f.changed, _ = filepath.Rel(f.path, path)
		for bit := 0; bit < len(raw)*8; bit++ {
			f.seen = append([]byte{}, raw...)
			f.seen[bit/8] ^= 1 << (bit % 8)
			if _, wrong := f.verify(p); wrong == nil {
				fmt.Println(f.changed, bit)
			}
			count++
		}
		return err
	})
}

func run(args []string) error {
	p, err := readPolicy(args[2])
	if err != nil {
		return err
	}
	switch args[0] {
	case "log":
		var earlier [][]byte
		for _, path := range args[3:] {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			earlier = append(earlier, raw)
		}
		size, err := (&folder{path: args[1]}).verify(p, earlier...)
		fmt.Println(size)
		return err
	case "flips":
		count, err := (&folder{path: args[1]}).flips(p)
		fmt.Fprintln(os.Stderr, count)
		return err
	}
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	entry, err := checkProof(raw, p)
	if err == nil {
		fmt.Println(string(entry))
	}
	return err
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "outsider log|proof|flips PATH POLICY")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
